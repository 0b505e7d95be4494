using Subp.Compiler.Planning.Winograd;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning.Convolutions;

/// <summary>The kernels of all convolutions of a network, each chosen once: memory planning asks for them before the steps are planned.</summary>
internal sealed class ConvolutionChoices(Graph graph, CompileOptions options)
{
    private readonly Dictionary<string, WinogradTransform?> _transforms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConvolutionPlanner.Choice> _choices = new(StringComparer.Ordinal);

    /// <summary>The instruction sets that kernels are chosen for.</summary>
    public IReadOnlyList<InstructionSet> InstructionSets => options.InstructionSets;

    /// <summary>True where no value may be written over by a later one.</summary>
    public bool KeepsValues => options.KeepValues;

    /// <summary>The transform of a convolution in the Winograd domain, or null where it is computed directly.</summary>
    public WinogradTransform? WinogradOf(GraphNode node)
    {
        if (!_transforms.TryGetValue(node.Name, out var transform))
            _transforms[node.Name] = transform = WinogradChoice.For(graph, node, options);
        return transform;
    }

    /// <summary>The zeros that a convolution expects around its input.</summary>
    public Halo HaloOf(GraphNode node)
    {
        if (WinogradOf(node) is { } transform)
            return WinogradChoice.HaloOf(graph, node, transform);
        var padding = ((Conv2d)node.Operator).Window.Padding;
        return new Halo(padding.Top, padding.Left, padding.Bottom, padding.Right);
    }

    /// <summary>The pattern that a convolution runs over, and whether it is one of pruned blocks.</summary>
    public (BlockPattern Pattern, bool IsSparse) PatternOf(GraphNode node, Conv2d convolution)
    {
        var weight = graph.Parameter(convolution.Weight);
        var pattern = weight.Pattern ?? ConvolutionPlanner.DensePattern(node.Shape.Channels, graph.ShapeOf(node.Inputs[0]).Channels, convolution.Groups);
        return (pattern, weight.Pattern is { IsFull: false } && convolution.Groups == 1);
    }

    /// <summary>The kernels of a convolution or of a block-sparse linear layer.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">No kernel exists for the block length.</exception>
    public ConvolutionPlanner.Choice Of(GraphNode node, BlockPattern pattern, bool isSparse, Window window, int height, int width)
    {
        if (!_choices.TryGetValue(node.Name, out var choice))
            _choices[node.Name] = choice = ConvolutionPlanner.Choose(node.Name, pattern, isSparse, window, height, width, node.Shape.Batch, options);
        return choice;
    }

    /// <summary>
    /// True where a convolution can write over its residual: each element is read once, just before the same element is written. Straight-line code
    /// cannot where its last tile of a row computes some columns twice, or where sums pass through the output before the residual is added; the
    /// other forms have a narrower tile for the end of the row then.
    /// </summary>
    public bool MayWriteOverResidual(GraphNode node)
    {
        if (WinogradOf(node) is not null)
            return true;
        var convolution = (Conv2d)node.Operator;
        if (convolution.Groups > 1 && graph.Parameter(convolution.Weight).Pattern is not null)
            return false;
        var (pattern, isSparse) = PatternOf(node, convolution);
        var choice = Of(node, pattern, isSparse, convolution.Window, node.Shape.Height, node.Shape.Width);
        var longestGroup = Enumerable.Range(0, pattern.Groups).Max(group => pattern.Kept(group).Count);
        return choice.Form != ConvolutionForm.StraightLine
            || choice.Kernels.All(kernel => node.Shape.Width % kernel.Tile.Columns == 0 && longestGroup <= kernel.SegmentBlocks);
    }
}
