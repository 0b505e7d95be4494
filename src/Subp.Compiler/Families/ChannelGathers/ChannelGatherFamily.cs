using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.ChannelGathers;

/// <summary>Concatenations, slices and shuffles of channels.</summary>
internal sealed class ChannelGatherFamily : ImageFamily<ChannelGatherPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        new ChannelGatherPlan(request.Rows) { Sources = ChannelSources.Of(request.Graph, request.Node), Operands = request.ImageOperands };

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is ChannelGatherPlan own)
            ChannelGatherWriter.WriteTables(writer, own);
    }

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is Concat { Axis: 1 } or ChannelShuffle or Slice { Axis: 1, Step: > 0 };

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ChannelGatherPlan plan, InstructionSet set) =>
        ChannelGatherWriter.Write(writer, plan, set);
}
