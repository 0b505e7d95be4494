using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>How one instruction set computes a convolution.</summary>
/// <param name="Set">The instruction set.</param>
/// <param name="Unit">Its vectors.</param>
/// <param name="Tile">The register tile.</param>
/// <param name="Parts">How often a group is run: the block length / (lanes * vectors of the tile).</param>
/// <param name="UnrolledRows">Kernel rows written out; 1 where they are a loop.</param>
/// <param name="UnrolledColumns">Kernel columns written out; 1 where they are a loop.</param>
/// <param name="SegmentBlocks">Straight-line only: the most kept blocks of one method; a longer group is cut and its sums pass through
/// memory.</param>
internal sealed record ConvolutionKernel(
    InstructionSet Set,
    VectorUnit Unit,
    ConvolutionTile Tile,
    int Parts,
    int UnrolledRows,
    int UnrolledColumns,
    int SegmentBlocks
)
{
    /// <summary>
    /// Pixels of a tile that runs over the ends of rows, for kernels of one tap whose input has no gap between its rows; 0 where tiles that
    /// end with the row are as good.
    /// </summary>
    internal int FlatPixels { get; init; }
}
