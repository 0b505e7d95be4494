using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Pooling;

/// <summary>Means over whole images.</summary>
internal sealed class GlobalPoolingFamily : ImageFamily<GlobalPoolPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) => new GlobalPoolPlan(request.Images) { Operands = request.ImageOperands };

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) => node.Operator is GlobalAveragePool;

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, GlobalPoolPlan plan, InstructionSet set) =>
        GlobalPoolWriter.Write(writer, plan, set);
}
