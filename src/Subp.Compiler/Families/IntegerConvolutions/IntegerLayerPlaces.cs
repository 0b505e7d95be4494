using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// Where the constants of an integer layer lie, in bytes from the first: whether pairs of products fit into 16 bits, the sums that outputs
/// begin with, what sums are multiplied with, the weights, and how the channels of each group are put side by side.
/// </summary>
/// <param name="Groups">Groups of output channels.</param>
/// <param name="Vectors">Vectors of sixteen outputs of a group.</param>
/// <param name="Taps">The taps of the kernel.</param>
/// <param name="Quads">Quads of input channels of a group.</param>
/// <param name="Permutations">Permutations of 64 input channels each; 0 where channels are not gathered.</param>
internal sealed record IntegerLayerPlaces(int Groups, int Vectors, int Taps, int Quads, int Permutations)
{
    private const int Alignment = 64;

    /// <summary>Bytes of a permutation: an index per byte of a vector.</summary>
    public const int PermutationBytes = 64;

    /// <summary>The places for a pattern.</summary>
    public static IntegerLayerPlaces Of(BlockPattern pattern, int taps, int inputChannels) =>
        new(
            pattern.Groups,
            (pattern.BlockLength + IntegerConvolutionPlan.Lanes - 1) / IntegerConvolutionPlan.Lanes,
            taps,
            (Enumerable.Range(0, pattern.Groups).Max(group => pattern.Kept(group).Count) + 3) / 4,
            pattern.IsFull ? 0 : (inputChannels + IntegerConvolutionPlan.GatheredChannels - 1) / IntegerConvolutionPlan.GatheredChannels
        );

    /// <summary>All sums.</summary>
    public int Outputs => Groups * Vectors * IntegerConvolutionPlan.Lanes;

    /// <summary>Bytes of the weights of a group.</summary>
    public int GroupBytes => checked(Vectors * Taps * Quads * IntegerConvolutionPlan.QuadBytes);

    /// <summary>The sums that outputs begin with, 32 bits each.</summary>
    public int Sums => Alignment;

    /// <summary>What sums are multiplied with, floats.</summary>
    public int Factors => Sums + (Outputs * sizeof(int));

    /// <summary>The weights, [group][tap][quad][vector][16][4].</summary>
    public int Weights => Factors + (Outputs * sizeof(float));

    /// <summary>The permutations, [group][permutation][64].</summary>
    public int Indices => checked(Weights + (Groups * GroupBytes));

    /// <summary>Where in a pixel the bytes of each permutation begin, [group][permutation].</summary>
    public int Starts => checked(Indices + (Groups * Permutations * PermutationBytes));

    /// <summary>Bytes of all.</summary>
    public int Length => checked(Starts + (Groups * Permutations * sizeof(int)));
}
