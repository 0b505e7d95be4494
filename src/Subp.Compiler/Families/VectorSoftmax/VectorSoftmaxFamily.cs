using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.VectorSoftmax;

/// <summary>Softmax over the features of vectors.</summary>
internal sealed class VectorSoftmaxFamily : ImageFamily<SoftmaxPlan>
{
    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request) =>
        new SoftmaxPlan(request.Tiles(request.Node.Shape.Batch)) { Operands = request.ImageOperands };

    /// <inheritdoc/>
    protected override bool Computes(Graph graph, GraphNode node) =>
        node.Operator is Softmax { Axis: 1, IsLogarithm: false } && graph.ShapeOf(node.Inputs[0]).IsVector;

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, SoftmaxPlan plan, InstructionSet set) => SoftmaxWriter.Write(writer, plan, set);
}
