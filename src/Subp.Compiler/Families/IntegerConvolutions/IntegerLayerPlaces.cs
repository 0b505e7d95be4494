using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Where the constants of an integer layer lie, in bytes from the first: whether pairs of products fit into 16 bits, the sums that outputs
/// begin with, what sums are multiplied with, the weights, and how the channels of each group are put side by side.
/// </summary>
/// <param name="Groups">Groups of output channels.</param>
/// <param name="Vectors">Vectors of sixteen outputs of a group.</param>
/// <param name="Kernel">The extent of the kernel.</param>
/// <param name="Quads">Quads of input channels of a group.</param>
/// <param name="TapChannels">Channels of a tap among the weights: whole quads of them, or those there are.</param>
/// <param name="Permutations">Permutations of 64 input channels each; 0 where channels are not gathered.</param>
internal sealed record IntegerLayerPlaces(int Groups, int Vectors, Extent Kernel, int Quads, int TapChannels, int Permutations)
{
    private const int Alignment = 64;

    /// <summary>Bytes of a permutation: an index per byte of a vector.</summary>
    public const int PermutationBytes = 64;

    /// <summary>The places for a pattern.</summary>
    public static IntegerLayerPlaces Of(BlockPattern pattern, Window window, int inputChannels)
    {
        var quads = (Enumerable.Range(0, pattern.Groups).Max(group => pattern.Kept(group).Count) + 3) / 4;
        var width = window.Kernel.Width;
        // The one to three channels of an image lie side by side over the taps of a row, where that saves a quad.
        var isClosedUp = pattern.IsFull && inputChannels < 4 && window.Dilation.Width == 1 && ((width * inputChannels) + 3) / 4 < width;
        return new(
            pattern.Groups,
            (pattern.BlockLength + IntegerConvolutionPlan.Lanes - 1) / IntegerConvolutionPlan.Lanes,
            window.Kernel,
            quads,
            isClosedUp ? inputChannels : 4 * quads,
            pattern.IsFull ? 0 : (inputChannels + IntegerConvolutionPlan.GatheredChannels - 1) / IntegerConvolutionPlan.GatheredChannels
        );
    }

    /// <summary>True where a tap has fewer channels than whole quads.</summary>
    public bool IsClosedUp => TapChannels < 4 * Quads;

    /// <summary>Quads of a row of the kernel.</summary>
    public int RowQuads => ((Kernel.Width * TapChannels) + 3) / 4;

    /// <summary>All sums.</summary>
    public int Outputs => Groups * Vectors * IntegerConvolutionPlan.Lanes;

    /// <summary>Bytes of the weights of a group.</summary>
    public int GroupBytes => checked(Vectors * Kernel.Height * RowQuads * IntegerConvolutionPlan.QuadBytes);

    /// <summary>The sums that outputs begin with, 32 bits each.</summary>
    public int Sums => Alignment;

    /// <summary>What sums are multiplied with, floats.</summary>
    public int Factors => Sums + (Outputs * sizeof(int));

    /// <summary>The weights, [group][row][quad][vector][16][4].</summary>
    public int Weights => Factors + (Outputs * sizeof(float));

    /// <summary>The permutations, [group][permutation][64].</summary>
    public int Indices => checked(Weights + (Groups * GroupBytes));

    /// <summary>Where in a pixel the bytes of each permutation begin, [group][permutation].</summary>
    public int Starts => checked(Indices + (Groups * Permutations * PermutationBytes));

    /// <summary>Bytes of all.</summary>
    public int Length => checked(Starts + (Groups * Permutations * sizeof(int)));
}
