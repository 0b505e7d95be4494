using Subp.Compiler.Planning.Values;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>The register tile of a striped convolution: sums of some output channels for the pixels of some stripes.</summary>
/// <param name="Channels">Output channels, each of which broadcasts a weight for every kept block.</param>
/// <param name="Stripes">Stripes.</param>
/// <param name="Lanes">Floats of a vector.</param>
internal readonly record struct StripedTile(int Channels, int Stripes, int Lanes)
{
    private const int Latency = 4;

    /// <summary>The tile of an instruction set for a span of some stripes, of which narrower registers take one after the other.</summary>
    public static StripedTile Of(InstructionSet set, int blockLength, int stripes) =>
        set switch
        {
            InstructionSet.Avx512 => new StripedTile(blockLength % 8 == 0 ? 8 : 4, stripes, 16),
            InstructionSet.Avx2 => new StripedTile(4, 1, 8),
            // Without a fused multiply-add products need registers as well.
            _ => new StripedTile(2, 1, 4),
        };

    /// <summary>Vectors of the pixels.</summary>
    public int Vectors => Stripes * StripeLayout.Pixels / Lanes;

    /// <summary>The sums.</summary>
    public int Sums => Channels * Vectors;

    /// <summary>Loads of one kept block: its pixels and its weights.</summary>
    public int Loads => Vectors + Channels;

    /// <summary>
    /// The cycles that one kept block needs at least, as <see cref="DirectConvolutions.ConvolutionTile"/> counts them: what the core can
    /// issue, and the latency of chains that are too few to hide it.
    /// </summary>
    public double CoreCycles
    {
        get
        {
            const double loopInstructions = 6;
            // A weight that one multiply-add uses comes straight from memory.
            var instructions = Sums + Vectors + (Vectors == 1 && Lanes == 16 ? 0 : Channels) + loopInstructions;
            var multiplyAdds = Sums / 2.0 / Math.Min(1, Sums / (2.0 * Latency));
            return Math.Max(Math.Max(multiplyAdds, Loads / 2.0), instructions / 4);
        }
    }
}
