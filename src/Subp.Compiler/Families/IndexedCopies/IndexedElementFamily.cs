using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Single elements at indices that the network computes.</summary>
internal sealed class IndexedElementFamily : KernelFamily<IndexedElementPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is TakeElements;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var (shape, axis) = (request.InputShape(0), ((TakeElements)request.Node.Operator).Axis);
        var strides = TensorStrides.RowMajor(shape);
        var loops = new List<(int Extent, int Stride)>();
        for (var index = 0; index < shape.Rank; index++)
        {
            var next = (Extent: request.Node.Shape[index], Stride: index == axis ? 0 : strides[index]);
            if (next.Extent == 1)
                continue;
            // Two loops of which the outer one goes on where the inner one ends are one.
            var last = loops.Count - 1;
            if (last >= 0 && loops[last].Stride == next.Extent * next.Stride)
                loops[last] = (loops[last].Extent * next.Extent, next.Stride);
            else
                loops.Add(next);
        }

        if (loops.Count == 0)
            loops.Add((1, 0));
        return new IndexedElementPlan(request.Tiles(request.Node.Shape.ElementCount / loops.Last().Extent))
        {
            Loops = loops,
            Extent = shape[axis],
            Inner = strides[axis],
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, IndexedElementPlan plan, InstructionSet set) =>
        IndexedElementWriter.Write(writer, plan, set);
}
