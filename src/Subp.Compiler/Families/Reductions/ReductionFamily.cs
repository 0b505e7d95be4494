using Subp.Compiler.Emission;
using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Reductions;

/// <summary>Sums, means, extremes and norms along any axes, the places of extremes, softmax along one axis, and normalisations.</summary>
internal sealed class ReductionFamily : KernelFamily<ReductionPlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) => node.Operator is Reduce or ArgExtreme or Softmax or Normalize;

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var shape = request.InputShape(0);
        var strides = TensorStrides.RowMajor(shape);
        if (request.Node.Operator is Normalize norm)
            return Normalized(request, norm, shape, strides);
        int[] axes = request.Node.Operator switch
        {
            Reduce reduce => [.. reduce.Axes],
            ArgExtreme search => [search.Axis],
            Softmax softmax => [softmax.Axis],
            _ => [],
        };
        var target = request.Node.Operator is Softmax ? strides : Reduced(shape, axes);
        return Planned(
            request,
            ReductionLoops.Of(shape.Dimensions, axes.Contains, [new LoopOperand(0, strides), new LoopOperand(0, target)]),
            request.Operands
        );
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ReductionPlan plan, InstructionSet set) =>
        new ReductionWriter(writer, plan, set).Write();

    private static ReductionPlan Planned(FamilyRequest request, ReductionLoops loops, IReadOnlyList<OperandPlace> operands) =>
        new(request.Tiles(loops.Kept.Tiles)) { Loops = loops, Operands = operands };

    // The distances in the result, in which the combined axes are missing or one long.
    private static int[] Reduced(TensorShape shape, int[] axes)
    {
        var strides = new int[shape.Rank];
        var stride = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            if (axes.Contains(axis))
                continue;
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    // Groups of axis 1 have statistics of their own: an axis more, which is kept.
    private static ReductionPlan Normalized(FamilyRequest request, Normalize norm, TensorShape shape, int[] strides)
    {
        var operands = new List<LoopOperand> { new(0, strides) };
        var places = new List<OperandPlace> { request.Operands[0] };
        var factors = (Scale: -1, Shift: -1);
        foreach (var name in new[] { norm.Scale, norm.Shift })
        {
            if (name is null)
                continue;
            if (ReferenceEquals(name, norm.Scale) && factors.Scale < 0)
                factors.Scale = operands.Count;
            else
                factors.Shift = operands.Count;
            operands.Add(new LoopOperand(0, TensorStrides.Broadcast(request.Graph.Parameter(name).Shape, shape)));
            places.Add(request.Parameter(name));
        }

        operands.Add(new(0, strides));
        places.Add(request.Operands[1]);
        List<int> extents = [.. shape.Dimensions];
        var reduced = Enumerable.Range(0, shape.Rank).Select(axis => norm.Axes.Contains(axis)).ToList();
        if (norm.Groups > 1)
        {
            var perGroup = shape[1] / norm.Groups;
            extents[1] = perGroup;
            extents.Insert(1, norm.Groups);
            reduced.Insert(1, false);
            operands =
            [
                .. operands.Select(operand =>
                {
                    List<int> split = [.. operand.Strides];
                    split.Insert(1, operand.Strides[1] * perGroup);
                    return new LoopOperand(operand.Start, split);
                }),
            ];
        }

        return Planned(request, ReductionLoops.Of(extents, axis => reduced[axis], operands), places) with
        {
            Factors = factors,
        };
    }
}
