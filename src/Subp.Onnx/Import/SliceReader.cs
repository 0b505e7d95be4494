namespace Subp.Onnx.Import;

/// <summary>Reads the constant starts, ends, axes and steps of a Slice.</summary>
internal static class SliceReader
{
    /// <summary>
    /// The axes that are cut, each with its first index, one past the last, and the distance of indices; an axis that stays whole is left
    /// out.
    /// </summary>
    /// <exception cref="Core.Diagnostics.SubpException">The lists do not fit together, an axis is out of range, or a step is not
    /// positive.</exception>
    public static IReadOnlyList<(int Axis, int Begin, int End, int Step)> Read(NodeContext node, IReadOnlyList<long> shape)
    {
        node.RequireInputs(3, 5);
        var (starts, ends) = (node.Constant(1, "starts").ToIntegers(), node.Constant(2, "ends").ToIntegers());
        var axes = node.OptionalConstant(3, "axes")?.ToIntegers() ?? [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        var steps = node.OptionalConstant(4, "steps")?.ToIntegers() ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (starts.Length > shape.Count || ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw node.Unsupported(
                FormattableString.Invariant($"{starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps"),
                "one of each per axis"
            );
        var cuts = new List<(int, int, int, int)>();
        var seen = new HashSet<int>();
        for (var index = 0; index < starts.Length; index++)
        {
            var axis = Axes.Normalize(node, axes[index], shape.Count);
            if (!seen.Add(axis))
                throw node.Unsupported(FormattableString.Invariant($"the axis {axis} twice"), "each axis once");
            if (steps[index] < 1)
                throw node.Unsupported(FormattableString.Invariant($"the step {steps[index]}"), "at least 1");
            var extent = (int)shape[axis];
            var (begin, end) = (Bound(starts[index], extent), Bound(ends[index], extent));
            var step = (int)Math.Min(steps[index], Math.Max(1, extent));
            if (begin != 0 || end != extent || step != 1)
                cuts.Add((axis, begin, end, step));
        }

        return cuts;
    }

    // Indices beyond either end are cut off, as the standard says; exporters write the largest integer for "to the end".
    private static int Bound(long index, int extent) => (int)Math.Clamp(index < 0 ? index + extent : index, 0, extent);
}
