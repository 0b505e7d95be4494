using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning.Convolutions;

/// <summary>
/// The kernels of all convolutions of a network, each chosen once: memory planning asks for them before the steps are planned.
/// </summary>
internal sealed class ConvolutionChoices(Graph graph, CompileOptions options)
{
    private readonly IReadOnlyDictionary<string, LayerHints> _hints = HintReader.Read(options.Hints, graph);
    private readonly Dictionary<string, WinogradChoice> _algorithms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConvolutionPlanner.Choice> _choices = new(StringComparer.Ordinal);

    /// <summary>The instruction sets that kernels are chosen for.</summary>
    public IReadOnlyList<InstructionSet> InstructionSets => options.InstructionSets;

    /// <summary>True where no value may be written over by a later one.</summary>
    public bool KeepsValues => options.KeepValues;

    /// <summary>The transform of a convolution in the Winograd domain, or null where it is computed directly.</summary>
    public WinogradTransform? WinogradOf(GraphNode node) => AlgorithmOf(node).Transform;

    /// <summary>
    /// What a layer has to say about how its kernel was chosen: its hints, or why the Winograd domain is closed to it; null for nothing.
    /// </summary>
    public string? ReasonOf(GraphNode node)
    {
        if (_hints.TryGetValue(node.Name, out var hints))
            return options.Unroll == UnrollMode.Auto
                ? AlgorithmOf(node).Reason ?? hints.Text
                : hints.Text + " set aside, since a form was asked for";
        return node.Operator is Conv2d ? AlgorithmOf(node).Reason : null;
    }

    /// <summary>The order of loops that a hint asks for, or null.</summary>
    public bool? LoopOf(GraphNode node) => HintsOf(node).GroupOutside;

    private WinogradChoice AlgorithmOf(GraphNode node)
    {
        if (!_algorithms.TryGetValue(node.Name, out var choice))
            _algorithms[node.Name] = choice = WinogradChoice.For(graph, node, options, HintsOf(node), () => DirectCycles(node));
        return choice;
    }

    private double DirectCycles(GraphNode node)
    {
        var convolution = (Conv2d)node.Operator;
        var (pattern, isSparse) = PatternOf(node, convolution);
        var choice = Of(node, pattern, isSparse, convolution.Window, node.Shape.Height, node.Shape.Width);
        var input = graph.ShapeOf(node.Inputs[0]);
        var kernel = choice.Kernels[0];
        var order = LoopOrder.Of(
            LoopOf(node) ?? ConvolutionPlanner.GroupsOutside(choice.Form, pattern, convolution.Window, input),
            LoopOf(node) is not null,
            choice.Form,
            pattern,
            convolution.Window,
            node.Shape,
            kernel.Tile
        );
        var work = new DirectWork(
            pattern,
            convolution.Window,
            input,
            node.Shape,
            graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16,
            kernel,
            choice.Form,
            choice.BandRows,
            order.GroupOutside,
            node.Inputs.Count > 1,
            convolution.Activation
        )
        {
            ChunkGroups = order.ChunkGroups,
        };
        return CostModel.Cycles(work.Items(MachineDescription.Standard), MachineDescription.Standard);
    }

    private LayerHints HintsOf(GraphNode node) =>
        options.Unroll == UnrollMode.Auto && _hints.TryGetValue(node.Name, out var hints) ? hints : LayerHints.None;

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
        var pattern =
            weight.Pattern
            ?? ConvolutionPlanner.DensePattern(node.Shape.Channels, graph.ShapeOf(node.Inputs[0]).Channels, convolution.Groups);
        return (pattern, weight.Pattern is { IsFull: false } && convolution.Groups == 1);
    }

    /// <summary>The kernels of a convolution or of a block-sparse linear layer.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">No kernel exists for the block length.</exception>
    public ConvolutionPlanner.Choice Of(GraphNode node, BlockPattern pattern, bool isSparse, Window window, int height, int width)
    {
        if (!_choices.TryGetValue(node.Name, out var choice))
            _choices[node.Name] = choice = ConvolutionPlanner.Choose(
                node.Name,
                pattern,
                isSparse,
                window,
                height,
                width,
                node.Shape.Batch,
                options,
                HintsOf(node)
            );
        return choice;
    }

    /// <summary>
    /// True where a convolution can write over its residual: each element is read once, just before the same element is written.
    /// Straight-line code cannot where its last tile of a row computes some columns twice, or where sums pass through the output before the
    /// residual is added; the other forms have a narrower tile for the end of the row then.
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
