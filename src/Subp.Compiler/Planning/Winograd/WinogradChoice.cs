using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Winograd;

/// <summary>
/// Decides which convolutions are computed in the Winograd domain. A 1xN block is a whole kernel, so its zeros are zeros at every position of the
/// transformed tile and the pattern carries over as it is: sparsity and fewer multiplications multiply.
/// </summary>
/// <param name="Transform">The transform, or null where the layer is computed directly.</param>
/// <param name="Reason">Why a 3x3 convolution of stride 1 is computed directly, or a hint is not obeyed; null where there is nothing to say.</param>
internal sealed record WinogradChoice(WinogradTransform? Transform, string? Reason = null)
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

    private static readonly WinogradChoice s_direct = new(Transform: null);

    /// <summary>Whether a convolution is computed in the Winograd domain, and how.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: a hint asks for a transform of a convolution that has none.</exception>
    public static WinogradChoice For(Graph graph, GraphNode node, CompileOptions options, LayerHints hints)
    {
        if (options.Unroll != UnrollMode.Auto || hints.IsDirect)
            return s_direct;
        if (!HasTransform(graph, node) || Obstacle(graph, node) is not null)
        {
            var obstacle = HasTransform(graph, node) ? Obstacle(graph, node) : null;
            return hints.Transform is null ? new WinogradChoice(null, obstacle is null ? null : "computed directly: " + obstacle)
                : throw HintReader.Misfit(node.Name, $"{HintReader.Algorithm}={HintReader.AlgorithmWord(hints.Transform)}, but {obstacle ?? "it is another kind of convolution"}",
                    "a convolution of 3 x 3 taps, stride 1, one group and no dilation behind another layer, with blocks of a multiple of 8");
        }

        if (hints.Transform is { } transform)
            return transform.OutputSize == 4 && options.Precise
                ? Cheapest(graph, node, options) with { Reason = hints.Text + " set aside, since --precise excludes it" }
                : new WinogradChoice(transform);
        return Cheapest(graph, node, options);
    }

    /// <summary>True for convolutions whose taps F(m x m, 3 x 3) can compute.</summary>
    public static bool HasTransform(Graph graph, GraphNode node) => node.Operator is Conv2d { Groups: 1 } convolution
        && graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
        && convolution.Window is { Kernel: var kernel, Stride: var stride, Dilation: var dilation }
        && kernel == new Extent(3, 3) && stride == Extent.One && dilation == Extent.One;

    /// <summary>What keeps such a convolution from the Winograd domain, or null.</summary>
    public static string? Obstacle(Graph graph, GraphNode node)
    {
        var convolution = (Conv2d)node.Operator;
        if (!convolution.Activation.IsClamp)
            return $"the transform of the output leaves no registers for {convolution.Activation.Word}";
        var blockLength = BlockLength(graph.Parameter(convolution.Weight));
        return blockLength % 8 == 0 ? null : InvariantText.Invariant($"blocks of {blockLength} output channels fill no vector of the transforms");
    }

    private static int BlockLength(Parameter weight) => weight.Pattern?.BlockLength ?? Convolutions.ConvolutionPlanner.DenseBlockLength(weight.Shape[0], groups: 1);

    private static WinogradChoice Cheapest(Graph graph, GraphNode node, CompileOptions options)
    {
        var weight = graph.Parameter(((Conv2d)node.Operator).Weight);
        var blockLength = BlockLength(weight);
        if (weight.Shape[1] < MinimumInputChannels)
            return s_direct;

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

        return best is null ? s_direct : new WinogradChoice(best);
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
