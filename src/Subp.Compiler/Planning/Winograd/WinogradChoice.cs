using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Winograd;

/// <summary>
/// Decides which convolutions are computed in the Winograd domain. A 1xN block is a whole kernel, so its zeros are zeros at every position of the
/// transformed tile and the pattern carries over as it is: sparsity and fewer multiplications multiply.
/// </summary>
internal static class WinogradChoice
{
    /// <summary>Below this many tiles in the batch F(4x4,3x3) keeps too few sums in flight to hide the latency of multiply-adds.</summary>
    private const int MinimumTilesOfFour = 12;

    /// <summary>The same for F(2x2,3x3), whose transformed weights are less than half as large.</summary>
    private const int MinimumTilesOfTwo = 6;

    /// <summary>With fewer input channels the transforms outweigh what the multiplications save.</summary>
    private const int MinimumInputChannels = 8;

    /// <summary>
    /// Cycles to transform one vector of an input tile of F(4x4,3x3), sampled on Cascade Lake at 64 channels, 56x56: the 36 stores to as many places
    /// miss the first-level cache, the arithmetic alone would take 75.
    /// </summary>
    private const double InputCyclesOfFour = 290;

    /// <summary>Cycles to transform one vector of products of F(4x4,3x3) into 16 output pixels, sampled likewise.</summary>
    private const double OutputCyclesOfFour = 200;

    /// <summary>The same for F(2x2,3x3): 16 positions instead of 36.</summary>
    private const double InputCyclesOfTwo = 130;

    private const double OutputCyclesOfTwo = 110;

    /// <summary>The share of the multiply-add peak that products reach, sampled likewise, and that direct kernels reach (docs/kernels.md).</summary>
    private const double ProductShare = 0.6, DirectShare = 0.85;

    /// <summary>The transform of a convolution, or null where it is computed directly.</summary>
    public static WinogradTransform? For(Graph graph, GraphNode node, CompileOptions options)
    {
        if (options.Unroll != UnrollMode.Auto || node.Operator is not Conv2d { Groups: 1 } convolution || graph.LayoutOf(node.Inputs[0]) != Layout.Blocked16)
            return null;
        var window = convolution.Window;
        // The transform of the output leaves no registers for more than a clamp.
        if (!convolution.Activation.IsClamp)
            return null;
        if (window.Kernel != new Extent(3, 3) || window.Stride != Extent.One || window.Dilation != Extent.One)
            return null;
        var weight = graph.Parameter(convolution.Weight);
        var blockLength = weight.Pattern?.BlockLength ?? Convolutions.ConvolutionPlanner.DenseBlockLength;
        if (blockLength % 8 != 0 || weight.Shape[1] < MinimumInputChannels)
            return null;

        var kept = weight.Pattern is { } pattern ? (double)pattern.KeptBlocks / pattern.Groups : weight.Shape[1];
        var lanes = blockLength % 16 == 0 ? 16 : 8;
        var vectors = (weight.Shape[0] + lanes - 1) / lanes;
        WinogradTransform? best = null;
        // Cycles of 4 x 4 output pixels of one vector of output channels, two multiply-adds a cycle.
        var bestCost = kept * 9 / 2 * 16 / DirectShare;
        foreach (var transform in options.Precise ? [WinogradTransform.Two] : new[] { WinogradTransform.Four, WinogradTransform.Two })
        {
            var tiles = Tiles(node.Shape, transform);
            if (tiles < (transform.OutputSize == 4 ? MinimumTilesOfFour : MinimumTilesOfTwo))
                continue;
            var waste = (double)tiles * transform.OutputSize * transform.OutputSize / (node.Shape.Batch * node.Shape.Height * node.Shape.Width);
            var (input, output) = TransformCycles(transform);
            var blocks = (weight.Shape[1] + 15) / 16;
            var perTile = (kept * transform.Positions / 2 / ProductShare) + (input * blocks / vectors) + output;
            var cost = perTile * waste * 16 / (transform.OutputSize * transform.OutputSize);
            if (cost < bestCost)
                (best, bestCost) = (transform, cost);
        }

        return best;
    }

    /// <summary>The halo that a convolution's input needs: its padding, and zeros below and to the right where the last tiles reach beyond the image.</summary>
    public static Halo HaloOf(Graph graph, GraphNode node, WinogradTransform transform)
    {
        var padding = ((Conv2d)node.Operator).Window.Padding;
        var input = graph.ShapeOf(node.Inputs[0]);
        int Reach(int output) => (transform.Tiles(output) * transform.OutputSize) + 2;
        return new Halo(padding.Top, padding.Left,
            Reach(node.Shape.Height) - padding.Top - input.Height, Reach(node.Shape.Width) - padding.Left - input.Width);
    }

    /// <summary>The tiles of all images.</summary>
    public static int Tiles(TensorShape output, WinogradTransform transform) =>
        checked(output.Batch * transform.Tiles(output.Height) * transform.Tiles(output.Width));

    /// <summary>Cycles to transform one vector of an input tile, and one vector of products.</summary>
    public static (double Input, double Output) TransformCycles(WinogradTransform transform) =>
        transform.OutputSize == 4 ? (InputCyclesOfFour, OutputCyclesOfFour) : (InputCyclesOfTwo, OutputCyclesOfTwo);
}
