using Subp.Compiler.Families.Loops;

namespace Subp.Compiler.Families.Reductions;

/// <summary>
/// The loops of a kernel that combines elements along some axes: those over the positions that are kept, and inside of each those over what
/// is combined. Where neighbours in memory are combined, vectors run along them and their lanes are combined last; where neighbours are
/// results, each lane is one.
/// </summary>
internal sealed record ReductionLoops
{
    private ReductionLoops(LoopNest kept, IReadOnlyList<int> extents, IReadOnlyList<LoopOperand> operands, bool isAlong)
    {
        (Kept, Extents, Operands, IsAlong) = (kept, extents, operands, isAlong);
    }

    /// <summary>The positions that are kept, the tasks of the step.</summary>
    public LoopNest Kept { get; }

    /// <summary>The extents of what is combined, outermost first; at least one.</summary>
    public IReadOnlyList<int> Extents { get; }

    /// <summary>How every operand is walked by the axes that are combined.</summary>
    public IReadOnlyList<LoopOperand> Operands { get; }

    /// <summary>True where vectors run along the innermost of the axes that are combined.</summary>
    public bool IsAlong { get; }

    /// <summary>The number of elements that are combined for one result.</summary>
    public int Count => Extents.Aggregate(1, (product, extent) => product * extent);

    /// <summary>Builds the loops.</summary>
    /// <param name="extents">The extents of all axes of the input.</param>
    /// <param name="isReduced">Which are combined.</param>
    /// <param name="operands">Every operand over all axes, the input first, the result last.</param>
    public static ReductionLoops Of(IReadOnlyList<int> extents, Func<int, bool> isReduced, IReadOnlyList<LoopOperand> operands)
    {
        int[] kept = [.. Enumerable.Range(0, extents.Count).Where(axis => !isReduced(axis))];
        int[] combined = [.. Enumerable.Range(0, extents.Count).Where(axis => isReduced(axis) && extents[axis] > 1)];
        List<int> inner = [.. combined.Select(axis => extents[axis])];
        LoopOperand[] walked = [.. operands.Select(operand => operand.With(combined) with { Start = 0 })];
        for (var axis = inner.Count - 2; axis >= 0; axis--)
        {
            if (!walked.All(operand => operand.IsOneAxis(axis, inner[axis + 1])))
                continue;
            inner[axis + 1] *= inner[axis];
            inner.RemoveAt(axis);
            var rest = Enumerable.Range(0, inner.Count + 1).Where(other => other != axis).ToArray();
            walked = [.. walked.Select(operand => operand.With(rest))];
        }

        if (inner.Count == 0)
        {
            inner.Add(1);
            walked = [.. walked.Select(_ => new LoopOperand(0, [1]))];
        }

        var isAlong = walked[0].Strides[inner.Count - 1] == 1;
        var nest = LoopNest.Of(
            [.. kept.Select(axis => extents[axis])],
            [.. operands.Select(operand => operand.With(kept))],
            hasRun: !isAlong,
            work: inner.Aggregate(1, (product, extent) => product * extent)
        );
        return new ReductionLoops(nest, inner, walked, isAlong);
    }

    /// <summary>How far the combined axes reach beyond the position of an operand.</summary>
    public int Reach(int operand) => Extents.Select((extent, axis) => (extent - 1) * Operands[operand].Strides[axis]).Sum();
}
