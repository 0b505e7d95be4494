using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Planning.Hints;

/// <summary>Hints that are worth measuring for one layer, beside what the planner chooses by itself.</summary>
/// <param name="Node">The layer.</param>
/// <param name="Signature">What the time of the layer depends on: layers of one signature have the same candidates and may share
/// measurements.</param>
/// <param name="Candidates">The candidates, the cheapest by the cost model first.</param>
public sealed record LayerCandidates(string Node, string Signature, IReadOnlyList<HintCandidate> Candidates);

/// <summary>Some hints of one layer.</summary>
/// <param name="Hints">Keys and words.</param>
/// <param name="Cycles">What the cost model predicts.</param>
public sealed record HintCandidate(IReadOnlyList<KeyValuePair<string, string>> Hints, double Cycles)
{
    /// <summary>The hints as they are written.</summary>
    public override string ToString() => string.Join(" ", Hints.Select(hint => $"{hint.Key}={hint.Value}"));
}

/// <summary>
/// Lists the choices that tuning measures: the transforms of the Winograd domain, direct summation, and of direct kernels the tiles that
/// the cost model finds best, the other order of loops, and straight-line code. Every candidate is valid in the options of the plan.
/// </summary>
public static class HintCandidates
{
    /// <summary>Beyond this many times the predicted cost of the planner's choice nothing is measured.</summary>
    private const double Hopeless = 1.6;

    /// <summary>Rows of tiles that are tried.</summary>
    private const int MostRows = 4;

    /// <summary>The candidates of every layer that has choices, in order.</summary>
    /// <param name="plan">The plan without hints.</param>
    /// <param name="set">The instruction set that is measured.</param>
    /// <param name="most">The most candidates of a layer.</param>
    public static IReadOnlyList<LayerCandidates> Of(ModelPlan plan, InstructionSet set, int most) =>
        [.. plan.Layers.Where(layer => layer is ConvolutionPlan or WinogradPlan).Select(layer => Of(plan, layer, set, most))];

    private static LayerCandidates Of(ModelPlan plan, LayerPlan layer, InstructionSet set, int most)
    {
        var machine = MachineDescription.Standard;
        var limit = Hopeless * CostModel.Cycles(layer, set, machine);
        var all = Transforms(plan, layer, set).Concat(DirectKernels(plan, layer, set)).Where(candidate => candidate.Cycles <= limit);
        // A stable order, so that equal costs give equal candidates everywhere.
        return new LayerCandidates(
            layer.Node.Name,
            Signature(layer, set),
            [.. all.OrderBy(candidate => candidate.Cycles).ThenBy(candidate => candidate.ToString(), StringComparer.Ordinal).Take(most)]
        );
    }

    private static string Signature(LayerPlan layer, InstructionSet set)
    {
        var pattern = PatternOf(layer);
        return string.Join(
            " ",
            layer.KernelName(set),
            string.Join(" ", layer.Inputs.Select(input => input?.Shape.ToString())),
            layer.Node.Shape.ToString(),
            InvariantText.Invariant($"{pattern.KeptBlocks} {pattern.IsUniform}")
        );
    }

    private static BlockPattern PatternOf(LayerPlan layer) =>
        layer is WinogradPlan winograd ? winograd.Pattern : ((ConvolutionPlan)layer).Pattern;

    private static IEnumerable<HintCandidate> Transforms(ModelPlan plan, LayerPlan layer, InstructionSet set)
    {
        if (WinogradPhases.TransformOf(plan.Graph, layer.Node) is { } phased)
        {
            if (!plan.Options.Precise && layer is not WinogradPlan)
                yield return new HintCandidate(
                    [new(HintReader.Algorithm, HintReader.AlgorithmWord(phased))],
                    WinogradChoice.Cycles(
                        plan.Graph,
                        layer.Node,
                        WinogradPhases.PatternOf(plan.Graph, layer.Node),
                        phased,
                        set,
                        MachineDescription.Standard
                    )
                );
            yield break;
        }

        if (!WinogradChoice.HasTransform(plan.Graph, layer.Node) || WinogradChoice.Obstacle(plan.Graph, layer.Node) is not null)
            yield break;
        foreach (var transform in plan.Options.Precise ? [WinogradTransform.Two] : new[] { WinogradTransform.Four, WinogradTransform.Two })
        {
            if (layer is WinogradPlan own && own.Transform == transform)
                continue;
            yield return new HintCandidate(
                [new(HintReader.Algorithm, HintReader.AlgorithmWord(transform))],
                WinogradChoice.Cycles(plan.Graph, layer.Node, PatternOf(layer), transform, set, MachineDescription.Standard)
            );
        }
    }

    private static IEnumerable<HintCandidate> DirectKernels(ModelPlan plan, LayerPlan layer, InstructionSet set)
    {
        var convolution = layer is WinogradPlan winograd ? winograd.Convolution : ((ConvolutionPlan)layer).Convolution;
        var (pattern, isSparse) = layer switch
        {
            WinogradPlan { IsPhased: true } => (
                ConvolutionPlanner.DensePattern(layer.Output!.Shape.Channels, layer.Inputs[0]!.Shape.Channels, groups: 1),
                false
            ),
            WinogradPlan { Pattern: var kept, IsSparse: var sparse } => (kept, sparse),
            _ => (((ConvolutionPlan)layer).Pattern, ((ConvolutionPlan)layer).IsSparse),
        };
        var current = layer as ConvolutionPlan;
        var output = layer.Output!;
        ConvolutionForm?[] forms = isSparse ? [ConvolutionForm.TapUnrolled, ConvolutionForm.StraightLine] : [null];
        foreach (var form in forms)
        {
            if (
                form == ConvolutionForm.StraightLine
                && !ConvolutionPlanner.CanBeStraightLine(
                    pattern,
                    convolution.Window,
                    output.Height,
                    output.Width,
                    layer.Node.Shape.Batch,
                    plan.Options
                )
            )
                continue;
            foreach (var tile in Tiles(plan, current, pattern, convolution.Window, output, set, form))
            {
                foreach (var groupOutside in form == ConvolutionForm.StraightLine ? [true] : new[] { true, false })
                {
                    var hints = LayerHints.None with
                    {
                        IsDirect = true,
                        Form = form,
                        GroupOutside = groupOutside,
                        Tiles = Single(set, tile),
                    };
                    var choice = ConvolutionPlanner.Choose(
                        layer.Node.Name,
                        pattern,
                        isSparse,
                        convolution.Window,
                        output.Height,
                        output.Width,
                        layer.Node.Shape.Batch,
                        plan.Options,
                        hints
                    );
                    var kernel = choice.Kernels.First(candidate => candidate.Set == set);
                    if (
                        current is not null
                        && current.Form == choice.Form
                        && current.GroupOutside == groupOutside
                        && current.Kernel(set) == kernel
                    )
                        continue;
                    var work = new DirectWork(
                        pattern,
                        convolution.Window,
                        layer.Inputs[0]!.Shape,
                        layer.Node.Shape,
                        layer.Inputs[0]!.Layout == Layout.Blocked16,
                        kernel,
                        choice.Form,
                        choice.BandRows,
                        groupOutside,
                        layer.Inputs.Count > 1,
                        convolution.Activation
                    );
                    yield return new HintCandidate(
                        Words(hints, set),
                        CostModel.Cycles(work.Items(MachineDescription.Standard), MachineDescription.Standard)
                    );
                }
            }
        }
    }

    private static Dictionary<InstructionSet, Extent> Single(InstructionSet set, Extent? tile) =>
        tile is { } pixels ? new Dictionary<InstructionSet, Extent> { [set] = pixels } : [];

    // Straight-line code keeps the planner's tile, which it sizes to the budget of a method. The bands of the first set bind the others.
    private static IEnumerable<Extent?> Tiles(
        ModelPlan plan,
        ConvolutionPlan? current,
        BlockPattern pattern,
        Window window,
        BufferPlan output,
        InstructionSet set,
        ConvolutionForm? form
    )
    {
        if (form == ConvolutionForm.StraightLine || (plan.Options.InstructionSets[0] != set && current is null))
        {
            yield return null;
            yield break;
        }

        var unit = VectorUnit.For(set, pattern.BlockLength);
        for (var rows = 1; rows <= Math.Min(MostRows, output.Height); rows++)
        {
            if (plan.Options.InstructionSets[0] != set && rows != 1 && rows != current!.BandRows)
                continue;
            var last = 0;
            for (var tiles = 1; tiles <= output.Width; tiles++)
            {
                var pixels = new Extent(rows, (output.Width + tiles - 1) / tiles);
                if (
                    pixels.Width != last
                    && ConvolutionTile.Of(unit, unit.VectorsFor(pattern.BlockLength), window, pixels, mayHold: true) is not null
                )
                    yield return pixels;
                last = pixels.Width;
            }
        }
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Words(LayerHints hints, InstructionSet set)
    {
        var words = new List<KeyValuePair<string, string>>();
        if (hints.Form is { } form)
            words.Add(new(HintReader.Form, HintReader.FormWord(form)));
        if (hints.Form != ConvolutionForm.StraightLine)
            words.Add(new(HintReader.Loop, HintReader.LoopWord(hints.GroupOutside!.Value)));
        if (hints.TileOf(set) is { } tile)
            words.Add(new(HintReader.TileKey(set), HintReader.TileWord(tile.Height, tile.Width)));
        return words;
    }
}
