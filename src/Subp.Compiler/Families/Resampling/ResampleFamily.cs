using Subp.Compiler.Emission;
using Subp.Compiler.Families.Loops;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Resampling;

/// <summary>
/// Linear and cubic resizing along one axis; passes take those along several apart. Elements outside of the value, which only regions of it
/// have, are not computed.
/// </summary>
internal sealed class ResampleFamily : KernelFamily<ResamplePlan>
{
    /// <inheritdoc/>
    public override bool Accepts(Graph graph, GraphNode node) =>
        node.Operator is Resize { Mode: not ResizeMode.Nearest, Coordinates: not ResizeCoordinates.TfCropAndResize };

    /// <inheritdoc/>
    public override FamilyPlan Plan(FamilyRequest request)
    {
        var resize = (Resize)request.Node.Operator;
        var (shape, result) = (request.InputShape(0), request.Node.Shape);
        var taps = Enumerable.Range(0, shape.Rank).Select(axis => ResizeTaps.Of(resize, axis, shape[axis])).ToArray();
        var along = Enumerable.Range(0, shape.Rank).FirstOrDefault(axis => !ResizeTaps.IsIdentity(taps[axis], shape[axis]));
        if (Enumerable.Range(0, shape.Rank).Any(axis => axis != along && !ResizeTaps.IsIdentity(taps[axis], shape[axis])))
            throw new InvalidOperationException("A resize along several axes was not taken apart.");
        var inner = shape.Rank == 0 ? 1 : TensorStrides.RowMajor(shape)[along];
        var samples =
            shape.Rank == 0
                ?
                [
                    [(0, 1.0)],
                ]
                : taps[along];
        var count = samples.Max(sample => sample.Count);
        var extent = shape.Rank == 0 ? 1 : result[along];
        var outer = result.ElementCount / extent / inner;
        // Short sums repeat their first sample with no weight.
        IReadOnlyList<int>[] places =
        [
            .. samples.Select(sample =>
                (IReadOnlyList<int>)[.. Enumerable.Range(0, count).Select(tap => sample[tap < sample.Count ? tap : 0].Index * inner)]
            ),
        ];
        IReadOnlyList<float>[] weights =
        [
            .. samples.Select(sample =>
                (IReadOnlyList<float>)[.. Enumerable.Range(0, count).Select(tap => tap < sample.Count ? (float)sample[tap].Weight : 0)]
            ),
        ];
        var input = shape.Rank == 0 ? 1 : shape[along];
        var nest = LoopNest.Of(
            [outer, extent, inner],
            [
                new LoopOperand(0, [input * inner, 0, 1]),
                new LoopOperand(0, [0, count, 0]),
                new LoopOperand(0, [0, count, 0]),
                new LoopOperand(0, [extent * inner, inner, 1]),
            ],
            // One result of one element: neighbours in the result are far apart in the value.
            hasRun: extent > 1 || inner > 1
        );
        return new ResamplePlan(request.Tiles(nest.Tiles))
        {
            Nest = nest,
            Places = places,
            Weights = weights,
            // With one result along the axis and one element inside there is no run but that of the axes outside.
            IsInnermost = nest.Operands[1].Strides[nest.Extents.Count - 1] != 0,
            Reach = (input - 1) * inner,
            Operands = request.Operands,
        };
    }

    /// <inheritdoc/>
    public override void WriteTables(CSharpWriter writer, FamilyPlan plan)
    {
        if (plan is ResamplePlan resample)
            ResampleWriter.WriteTables(writer, resample);
    }

    /// <inheritdoc/>
    protected override void Write(CSharpWriter writer, ResamplePlan plan, InstructionSet set) => ResampleWriter.Write(writer, plan, set);
}
