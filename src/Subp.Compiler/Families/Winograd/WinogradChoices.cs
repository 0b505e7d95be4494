using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Winograd;

/// <summary>Which transforms may compute a convolution, and why there are none.</summary>
internal static class WinogradChoices
{
    /// <summary>
    /// F(4x4,3x3) reads four times as many weights as direct summation, and each once for all tiles. Below so many tiles nothing hides how
    /// long they take to come, which costs that add up do not see: at 7 x 7 it took twice as long as predicted, and F(2x2,3x3) half.
    /// </summary>
    private const int LeastTiles = 8;

    /// <summary>The candidates of a layer.</summary>
    /// <param name="choices">The choices of the network.</param>
    /// <param name="node">A convolution or a block-sparse linear layer.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: a hint asks for a transform of a layer that has none.</exception>
    public static IReadOnlyList<KernelCandidate> Of(KernelChoices choices, GraphNode node)
    {
        if (node.Operator is PooledConv2d pooled)
        {
            var stem = WinogradPool.Stem(choices.Graph, node);
            return WinogradPhases.TransformOf(choices.Graph, stem) is { } transform
                ? [new WinogradCandidate(choices, stem, transform, isAskedFor: false) { Pool = pooled.Pool }]
                : [];
        }

        var (graph, isPrecise, isExact) = (choices.Graph, choices.Options.Precise, choices.NeedsExactSums(node));
        var hints = LayerHints.Of(choices, node);
        if (choices.Options.Unroll != UnrollMode.Auto || hints.IsDirect)
            return [];
        var phased = WinogradPhases.TransformOf(graph, node);
        if (phased is not null && (hints.Transform is null || hints.Transform == phased))
            return isPrecise || (isExact && hints.Transform is null) ? [] : [Candidate(phased, isAskedFor: hints.Transform is not null)];
        if (hints.Transform == WinogradTransform.FourByFour)
            throw Misfit(
                hints.Transform,
                "it is another kind of convolution",
                "a convolution of 7 x 7 or 8 x 8 taps, stride 2, one group and no dilation of up to four channels of the network's input, "
                    + "with dense weights and a clamp at most"
            );
        var hasTransform = HasTransform(graph, node);
        if (!hasTransform || Obstacle(graph, node) is not null)
            return hints.Transform is null
                ? []
                : throw Misfit(
                    hints.Transform,
                    hasTransform ? Obstacle(graph, node)! : "it is another kind of convolution",
                    "a convolution of 3 x 3 taps, stride 1, one group and no dilation behind another layer, with blocks of a multiple of 8"
                );
        if (hints.Transform is { } asked && !IsSetAside(asked))
            return [Candidate(asked, isAskedFor: true)];
        return isExact || !HasEnoughTiles(node)
            ? [Candidate(WinogradTransform.Two)]
            : [Candidate(WinogradTransform.Four), Candidate(WinogradTransform.Two)];

        bool IsSetAside(WinogradTransform transform) => isPrecise && transform != WinogradTransform.Two;

        WinogradCandidate Candidate(WinogradTransform transform, bool isAskedFor = false) => new(choices, node, transform, isAskedFor);

        Core.Diagnostics.SubpException Misfit(WinogradTransform transform, string obstacle, string expected) =>
            HintedNodes.Misfit(node.Name, $"{HintReader.Algorithm}={HintReader.AlgorithmWord(transform)}, but {obstacle}", expected);
    }

    /// <summary>
    /// Why a convolution of 3 x 3 taps and stride 1 is computed directly, or its hint is not obeyed; null where there is nothing to say.
    /// </summary>
    public static string? Remark(KernelChoices choices, GraphNode node)
    {
        var hints = LayerHints.Of(choices, node);
        if (choices.Options.Unroll != UnrollMode.Auto || hints.IsDirect)
            return null;
        if (hints.Transform is null)
        {
            var hasTransform = HasTransform(choices.Graph, node);
            if (hasTransform && Obstacle(choices.Graph, node) is { } obstacle)
                return "computed directly: " + obstacle;
            var hasFaster = hasTransform || WinogradPhases.TransformOf(choices.Graph, node) is not null;
            return hasFaster && !choices.Options.Precise && choices.NeedsExactSums(node)
                ? "kept to exact kernels: residual sums behind it may multiply what it rounds"
                : null;
        }

        return choices.Options.Precise && hints.Transform != WinogradTransform.Two
            ? choices.HintsOf(node) + " set aside, since --precise excludes it"
            : null;
    }

    /// <summary>True for convolutions whose taps F(m x m, 3 x 3) can compute.</summary>
    public static bool HasTransform(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: 1 } convolution
        && graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
        && convolution.Window is { Kernel: var kernel, Stride: var stride, Dilation: var dilation }
        && kernel == new Extent(3, 3)
        && stride == Extent.One
        && dilation == Extent.One;

    // Hints ask for what they like.
    private static bool HasEnoughTiles(GraphNode node) =>
        node.Shape.Batch * WinogradTransform.Four.Tiles(node.Shape.Height) * WinogradTransform.Four.Tiles(node.Shape.Width) >= LeastTiles;

    /// <summary>What keeps such a convolution from the Winograd domain, or null.</summary>
    public static string? Obstacle(Graph graph, GraphNode node)
    {
        var convolution = (Conv2d)node.Operator;
        if (!convolution.Activation.IsClamp)
            return $"the transform of the output leaves no registers for {convolution.Activation.Word}";
        var blockLength = BlockLength(graph.Parameter(convolution.Weight));
        return blockLength % 8 == 0
            ? null
            : InvariantText.Invariant($"blocks of {blockLength} output channels fill no vector of the transforms");
    }

    private static int BlockLength(Parameter weight) =>
        weight.Pattern?.BlockLength ?? ConvolutionShapes.DenseBlockLength(weight.Shape[0], groups: 1);
}
