using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.StripedConvolutions;

/// <summary>A convolution over stripes: its only kernel, since the layout was chosen before.</summary>
/// <param name="family">The family.</param>
/// <param name="choices">The choices of the network.</param>
/// <param name="node">The convolution.</param>
internal sealed class StripedCandidate(StripedConvolutionFamily family, KernelChoices choices, GraphNode node) : KernelCandidate
{
    /// <inheritdoc/>
    public override string Name => "stripes";

    /// <inheritdoc/>
    public override double Cycles => 0;

    /// <inheritdoc/>
    public override bool MayWriteOver(int operand) => family.MayWriteOver(choices.Graph, node, operand);

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var plan = family.Plan(request);
        return plan with { Frame = plan.Frame with { ChoiceReason = choices.HintsOf(node) } };
    }
}
