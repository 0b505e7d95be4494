using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.Winograd;

/// <summary>How one instruction set multiplies in the Winograd domain.</summary>
/// <param name="Set">The instruction set.</param>
/// <param name="Unit">Its vectors.</param>
/// <param name="Vectors">Vectors of output channels per tile that are summed at a time.</param>
/// <param name="MaximumTiles">The most tiles whose sums fit into the registers, with the weights and, without embedded broadcast, one
/// pixel.</param>
/// <param name="Parts">How often a group is run: the block length / (lanes * vectors).</param>
internal sealed record WinogradKernel(InstructionSet Set, VectorUnit Unit, int Vectors, int MaximumTiles, int Parts)
{
    /// <summary>The most tiles of a block, whatever the registers: at 28 one weight vector serves 28 multiply-adds.</summary>
    public const int BlockTiles = 28;

    /// <summary>The kernel of an instruction set for a block length.</summary>
    public static WinogradKernel For(InstructionSet set, int blockLength)
    {
        var unit = VectorUnit.For(set, blockLength);
        var vectors = unit.VectorsFor(blockLength);
        var pixels = unit.EmbeddedBroadcast && vectors == 1 ? 0 : 1;
        var tiles = Math.Min(BlockTiles, (unit.Registers - vectors - pixels) / vectors);
        return new WinogradKernel(set, unit, vectors, tiles, blockLength / (unit.Lanes * vectors));
    }

    /// <summary>The parts into which a block of tiles is cut so that the sums fit into the registers, as even as possible.</summary>
    public IEnumerable<(int First, int Count)> Split(int tiles)
    {
        var parts = (tiles + MaximumTiles - 1) / MaximumTiles;
        for (var part = 0; part < parts; part++)
        {
            var first = tiles * part / parts;
            yield return (first, (tiles * (part + 1) / parts) - first);
        }
    }
}
