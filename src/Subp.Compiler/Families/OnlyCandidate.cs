using Subp.Compiler.Planning;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families;

/// <summary>The candidate of a family that has one way to compute a node.</summary>
/// <param name="family">The family.</param>
/// <param name="choices">The choices of the network.</param>
/// <param name="node">The node.</param>
internal sealed class OnlyCandidate(KernelFamily family, KernelChoices choices, GraphNode node) : KernelCandidate
{
    /// <inheritdoc/>
    public override string Name => node.Operator.Mnemonic;

    /// <inheritdoc/>
    public override double Cycles => 0;

    /// <inheritdoc/>
    public override Halo HaloOf(int operand) => family.HaloOf(choices.Graph, node, operand);

    /// <inheritdoc/>
    public override bool MayWriteOver(int operand) => family.MayWriteOver(choices.Graph, node, operand);

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) => family.Plan(request);
}
