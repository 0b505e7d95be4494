using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Runs of neighbouring elements at indices that the network computes.</summary>
internal sealed class IndexedCopyFamily : KernelFamily<IndexedCopyPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is Take or TakeTuples;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (dimensions, indices) = (request.InputShape(0).Dimensions, request.InputShape(1));
        var (begin, length, positions) = request.Node.Operator switch
        {
            TakeTuples tuples => (
                tuples.BatchDimensions,
                indices[indices.Rank - 1],
                Product(indices.Dimensions.Take(indices.Rank - 1).Skip(tuples.BatchDimensions))
            ),
            _ => (((Take)request.Node.Operator).Axis, 1, indices.ElementCount),
        };
        var inner = Product(dimensions.Skip(begin + length));
        return new IndexedCopyPlan(request.Tiles(request.Node.Shape.ElementCount / inner))
        {
            Positions = positions,
            Extents = [.. dimensions.Skip(begin).Take(length)],
            SharesIndices = request.Node.Operator is Take,
            Inner = inner,
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IndexedCopyPlan plan, InstructionSet set) =>
        IndexedCopyWriter.Write(writer, plan, set);

    private static int Product(IEnumerable<int> extents) => extents.Aggregate(1, (product, extent) => product * extent);
}
