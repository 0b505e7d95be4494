using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Hints;
using Subp.Compiler.Planning.Layouts;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>One way to compute a layer, with what it was predicted to cost when kernels were chosen.</summary>
/// <param name="Name">The algorithm, or the hints that ask for a variant of it.</param>
/// <param name="Cycles">The predicted cycles on one thread.</param>
/// <param name="IsChosen">True for the one that was taken.</param>
public sealed record ExplainedKernel(string Name, double Cycles, bool IsChosen);

/// <summary>Why a layer has the kernel that it has.</summary>
/// <param name="Kernel">The kernel of the first instruction set.</param>
/// <param name="Machine">The machine whose costs decided.</param>
/// <param name="Remark">What there is to say beside costs, a hint for example; or null.</param>
/// <param name="Algorithms">The candidates that competed, as they were offered.</param>
/// <param name="Variants">Other tiles, loops and forms, the cheapest first: what hints may ask for.</param>
public sealed record KernelExplanation(
    string Kernel,
    string Machine,
    string? Remark,
    IReadOnlyList<ExplainedKernel> Algorithms,
    IReadOnlyList<ExplainedKernel> Variants
)
{
    private const int MostVariants = 12;

    /// <summary>Explains a layer.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="layer">One of its layers.</param>
    public static KernelExplanation Of(ModelPlan plan, LayerPlan layer)
    {
        // Choosing is a function of graph and options, so choosing again shows what was seen then.
        var choices = new KernelChoices(plan.Graph, plan.Options);
        var set = plan.Options.InstructionSets[0];
        var chosen = choices.Of(layer.Node);
        var cycles = CostModel.Cycles(layer, set, plan.Options.Machine);
        var candidates = KernelFamilies.Candidates(choices, layer.Node);
        return new KernelExplanation(
            layer.KernelName(set),
            plan.Options.Machine.Name,
            Remarks(layer, chosen),
            [
                .. layer.Frame.Layouts is { } costs
                    ? Layouts(costs, layer.Node.Layout == Layout.Stripes16)
                    : candidates.Select(candidate => new ExplainedKernel(
                        candidate.Name,
                        candidates.Count == 1 ? cycles : candidate.Cycles,
                        candidate.Name == chosen.Name
                    )),
            ],
            [
                .. HintCandidates
                    .Of(plan, set, MostVariants)
                    .Where(layers => layers.Node == layer.Node.Name)
                    .SelectMany(layers => layers.Candidates)
                    .Select(candidate => new ExplainedKernel(candidate.ToString(), candidate.Cycles, IsChosen: false)),
            ]
        );
    }

    private static string? Remarks(LayerPlan layer, KernelCandidate chosen)
    {
        var close = layer.Frame.Rivals.Any(rival => rival.Cycles < chosen.Cycles)
            ? $"of kernels {KernelChoices.IndistinctWords} of the fewest cycles it is what {MachineDescription.Standard.Name} prefers"
            : null;
        string[] remarks = [.. new[] { layer.ChoiceReason ?? layer.DenseReason, close }.OfType<string>()];
        return remarks.Length > 0 ? string.Join("; ", remarks) : null;
    }

    // Conversions between layouts count as well, so that the fewest cycles need not win.
    private static ExplainedKernel[] Layouts(LayoutCosts costs, bool isStriped) =>
        [new("blocks", costs.Blocks, !isStriped), new("stripes", costs.Stripes, isStriped)];
}
