using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// The direct kernels that tuning measures for a layer: the tiles that the cost model finds best, the other order of loops, and
/// straight-line code. Every one is valid in the options of the plan.
/// </summary>
internal static class DirectAlternatives
{
    /// <summary>Rows of tiles that are tried.</summary>
    private const int MostRows = 4;

    /// <summary>Hints for the kernels that the layer can have, beside the one that was chosen.</summary>
    public static IEnumerable<HintCandidate> Of(ModelPlan plan, FamilyPlan layer, InstructionSet set)
    {
        var convolution = ConvolutionShapes.Of(layer.Node);
        var (pattern, isSparse) = ConvolutionShapes.PatternOf(plan.Graph, layer.Node);
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
                        CostModel.Cycles(work.Items(plan.Options.Machine), plan.Options.Machine)
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
            words.Add(new(TileHint.KeyOf(set), TileHint.Word(tile.Height, tile.Width)));
        return words;
    }
}
