using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Selections;

/// <summary>The places of the largest or smallest elements along one axis.</summary>
internal sealed class SelectionFamily : KernelFamily<SelectionPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is TopIndices;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (shape, top) = (request.InputShape(0), (TopIndices)request.Node.Operator);
        var inner = TensorStrides.RowMajor(shape)[top.Axis];
        return new SelectionPlan(request.Tiles(shape.ElementCount / (shape[top.Axis] * inner)))
        {
            Top = top,
            Extent = shape[top.Axis],
            Inner = inner,
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, SelectionPlan plan, InstructionSet set) => SelectionWriter.Write(writer, plan, set);
}
