using Subp.Compiler.Planning.Costs;

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
/// Lists the choices that tuning measures, as the families of kernels offer them. Every candidate is valid in the options of the plan.
/// </summary>
public static class HintCandidates
{
    /// <summary>Beyond this many times the predicted cost of the planner's choice nothing is measured.</summary>
    private const double Hopeless = 1.6;

    /// <summary>The candidates of every layer that has choices, in order.</summary>
    /// <param name="plan">The plan without hints.</param>
    /// <param name="set">The instruction set that is measured.</param>
    /// <param name="most">The most candidates of a layer.</param>
    public static IReadOnlyList<LayerCandidates> Of(ModelPlan plan, InstructionSet set, int most) =>
        [
            .. plan
                .Layers.Select(layer => layer.OfFamily)
                .Where(layer => layer.KeptBlocks is not null)
                .Select(layer => Of(plan, layer, set, most)),
        ];

    private static LayerCandidates Of(ModelPlan plan, FamilyPlan layer, InstructionSet set, int most)
    {
        var machine = plan.Options.Machine;
        var limit = Hopeless * CostModel.Cycles(layer, set, machine);
        var all = KernelFamilies.Alternatives(plan, layer, set).Where(candidate => candidate.Cycles <= limit);
        // A stable order, so that equal costs give equal candidates everywhere.
        return new LayerCandidates(
            layer.Node.Name,
            Signature(layer, set),
            [.. all.OrderBy(candidate => candidate.Cycles).ThenBy(candidate => candidate.ToString(), StringComparer.Ordinal).Take(most)]
        );
    }

    private static string Signature(FamilyPlan layer, InstructionSet set)
    {
        var pattern = layer.KeptBlocks!;
        return string.Join(
            " ",
            layer.KernelName(set),
            string.Join(" ", layer.Inputs.Select(input => input?.Shape.ToString())),
            layer.Node.Shape.ToString(),
            InvariantText.Invariant($"{pattern.KeptBlocks} {pattern.IsUniform}")
        );
    }
}
