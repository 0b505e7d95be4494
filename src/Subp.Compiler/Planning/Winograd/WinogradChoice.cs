using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning.Winograd;

/// <summary>
/// Decides which convolutions are computed in the Winograd domain. A 1xN block is a whole kernel, so its zeros are zeros at every position
/// of the transformed tile and the pattern carries over as it is: sparsity and fewer multiplications multiply.
/// </summary>
/// <param name="Transform">The transform, or null where the layer is computed directly.</param>
/// <param name="Reason">Why a 3x3 convolution of stride 1 is computed directly, or a hint is not obeyed; null where there is nothing to
/// say.</param>
internal sealed record WinogradChoice(WinogradTransform? Transform, string? Reason = null)
{
    private static readonly WinogradChoice s_direct = new(Transform: null);

    /// <summary>Whether a convolution is computed in the Winograd domain, and how.</summary>
    /// <param name="graph">The laid out graph.</param>
    /// <param name="node">The convolution.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="hints">The hints of the layer.</param>
    /// <param name="directCycles">The cycles of the direct kernel, by the cost model.</param>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0605: a hint asks for a transform of a convolution that has none.</exception>
    public static WinogradChoice For(Graph graph, GraphNode node, CompileOptions options, LayerHints hints, Func<double> directCycles)
    {
        if (options.Unroll != UnrollMode.Auto || hints.IsDirect)
            return s_direct;
        var phased = WinogradPhases.TransformOf(graph, node);
        if (phased is not null && (hints.Transform is null || hints.Transform == phased))
            return Phased(graph, node, phased, options, hints, directCycles);
        if (hints.Transform == WinogradTransform.FourByFour)
            throw HintReader.Misfit(
                node.Name,
                $"{HintReader.Algorithm}={HintReader.AlgorithmWord(hints.Transform)}, but it is another kind of convolution",
                "a convolution of 7 x 7 or 8 x 8 taps, stride 2, one group and no dilation of up to four channels of the network's input, "
                    + "with dense weights and a clamp at most"
            );
        if (!HasTransform(graph, node) || Obstacle(graph, node) is not null)
        {
            var obstacle = HasTransform(graph, node) ? Obstacle(graph, node) : null;
            return hints.Transform is null
                ? new WinogradChoice(null, obstacle is null ? null : "computed directly: " + obstacle)
                : throw HintReader.Misfit(
                    node.Name,
                    $"{HintReader.Algorithm}={HintReader.AlgorithmWord(hints.Transform)}, but "
                        + $"{obstacle ?? "it is another kind of convolution"}",
                    "a convolution of 3 x 3 taps, stride 1, one group and no dilation behind another layer, with blocks of a multiple of 8"
                );
        }

        if (hints.Transform is { } transform)
            return transform.OutputSize == 4 && options.Precise
                ? Cheapest(graph, node, options, directCycles) with
                {
                    Reason = hints.Text + " set aside, since --precise excludes it",
                }
                : new WinogradChoice(transform);
        return Cheapest(graph, node, options, directCycles);
    }

    // The stem of a network by phases, where that is not excluded, and asked for or cheaper.
    private static WinogradChoice Phased(
        Graph graph,
        GraphNode node,
        WinogradTransform transform,
        CompileOptions options,
        LayerHints hints,
        Func<double> directCycles
    )
    {
        if (options.Precise)
            return hints.Transform is null ? s_direct : s_direct with { Reason = hints.Text + " set aside, since --precise excludes it" };
        var machine = MachineDescription.Standard;
        return
            hints.Transform is not null
            || Cycles(graph, node, WinogradPhases.PatternOf(graph, node), transform, options.InstructionSets[0], machine) < directCycles()
            ? new WinogradChoice(transform)
            : s_direct;
    }

    /// <summary>True for convolutions whose taps F(m x m, 3 x 3) can compute.</summary>
    public static bool HasTransform(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: 1 } convolution
        && graph.LayoutOf(node.Inputs[0]) == Layout.Blocked16
        && convolution.Window is { Kernel: var kernel, Stride: var stride, Dilation: var dilation }
        && kernel == new Extent(3, 3)
        && stride == Extent.One
        && dilation == Extent.One;

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
        weight.Pattern?.BlockLength ?? Convolutions.ConvolutionPlanner.DenseBlockLength(weight.Shape[0], groups: 1);

    // The cheapest by the cost model, on the first instruction set: all of them share layouts and schedule.
    private static WinogradChoice Cheapest(Graph graph, GraphNode node, CompileOptions options, Func<double> directCycles)
    {
        var machine = MachineDescription.Standard;
        var weight = graph.Parameter(((Conv2d)node.Operator).Weight);
        var pattern = weight.Pattern ?? Convolutions.ConvolutionPlanner.DensePattern(node.Shape.Channels, weight.Shape[1], groups: 1);
        WinogradTransform? best = null;
        var bestCycles = directCycles();
        foreach (var transform in options.Precise ? [WinogradTransform.Two] : new[] { WinogradTransform.Four, WinogradTransform.Two })
        {
            var cycles = Cycles(graph, node, pattern, transform, options.InstructionSets[0], machine);
            if (cycles < bestCycles)
                (best, bestCycles) = (transform, cycles);
        }

        return best is null ? s_direct : new WinogradChoice(best);
    }

    /// <summary>The cycles of a transform by the cost model.</summary>
    public static double Cycles(
        Graph graph,
        GraphNode node,
        BlockPattern pattern,
        WinogradTransform transform,
        InstructionSet set,
        MachineDescription machine
    )
    {
        var input = graph.ShapeOf(node.Inputs[0]);
        var tiles = Tiles(node.Shape, transform);
        var chunkGroups = WinogradBlocking.ChunkGroups(pattern);
        var blockTiles = Math.Min(
            tiles,
            WinogradBlocking.BlockTiles(transform, (input.Channels + 15) / 16, chunkGroups * pattern.BlockLength)
        );
        var work = new WinogradWork(
            pattern.Groups,
            pattern.KeptBlocks,
            pattern.BlockLength,
            transform,
            input,
            tiles,
            blockTiles,
            chunkGroups,
            WinogradKernel.For(set, pattern.BlockLength),
            node.Shape,
            node.Inputs.Count > 1
        );
        return CostModel.Cycles(work.Items(machine), machine);
    }

    /// <summary>
    /// The halo that a convolution's input needs: its padding, and zeros below and to the right where the last tiles reach beyond the
    /// image.
    /// </summary>
    public static Halo HaloOf(Graph graph, GraphNode node, WinogradTransform transform)
    {
        var padding = ((Conv2d)node.Operator).Window.Padding;
        var input = graph.ShapeOf(node.Inputs[0]);
        var stride = ((Conv2d)node.Operator).Window.Stride.Height;
        int Reach(int output) => ((transform.Tiles(output) * transform.OutputSize) + transform.KernelSize - 1) * stride;
        return new Halo(
            padding.Top,
            padding.Left,
            Reach(node.Shape.Height) - padding.Top - input.Height,
            Reach(node.Shape.Width) - padding.Left - input.Width
        );
    }

    /// <summary>The tiles of all images.</summary>
    public static int Tiles(TensorShape output, WinogradTransform transform) =>
        checked(output.Batch * transform.Tiles(output.Height) * transform.Tiles(output.Width));
}
