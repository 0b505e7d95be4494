using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Pooling;

/// <summary>Maxima and means over windows, which are cut at the edge of the image.</summary>
internal sealed class PoolingFamily : ImageFamily<PoolPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        new PoolPlan(request.Rows) { Pool = (Pool2d)request.Node.Operator, Operands = request.ImageOperands };

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) => node.Operator is Pool2d;

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, PoolPlan plan, InstructionSet set) => PoolWriter.Write(writer, plan, set);
}
