using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Elements at indices that the network computes.</summary>
internal sealed class IndexedCopyFamily : KernelFamily<IndexedCopyPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is Take;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (shape, axis) = (request.InputShape(0), ((Take)request.Node.Operator).Axis);
        var positions = request.InputShape(1).ElementCount;
        var inner = shape.Dimensions.Skip(axis + 1).Aggregate(1, (product, extent) => product * extent);
        return new IndexedCopyPlan(request.Tiles(request.Node.Shape.ElementCount / inner))
        {
            Positions = positions,
            Extent = shape[axis],
            Inner = inner,
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IndexedCopyPlan plan, InstructionSet set) =>
        IndexedCopyWriter.Write(writer, plan, set);
}
