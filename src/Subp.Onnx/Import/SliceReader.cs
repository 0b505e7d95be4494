namespace Subp.Onnx.Import;

/// <summary>Reads the constant starts, ends, axes and steps of a Slice.</summary>
internal static class SliceReader
{
    private const int InputOpset = 10;

    /// <summary>
    /// The axes that are cut, each with its first index, one past the last in the direction of the step, and the distance of indices, which
    /// may be negative; an axis that stays whole is left out.
    /// </summary>
    /// <exception cref="Core.Diagnostics.SubpException">The lists do not fit together, an axis is out of range, or a step is
    /// zero.</exception>
    public static IReadOnlyList<(int Axis, int Begin, int End, int Step)> Read(NodeContext node, IReadOnlyList<long> shape)
    {
        var isInput = node.Opset >= InputOpset;
        node.RequireInputs(isInput ? 3 : 1, isInput ? 5 : 1);
        var starts = isInput ? node.Constant(1, "starts").ToIntegers() : Attribute(node, "starts");
        var ends = isInput ? node.Constant(2, "ends").ToIntegers() : Attribute(node, "ends");
        var axes = isInput ? node.OptionalConstant(3, "axes")?.ToIntegers() : OptionalAttribute(node, "axes");
        var steps = node.OptionalConstant(4, "steps")?.ToIntegers() ?? [.. Enumerable.Repeat(1L, starts.Length)];
        axes ??= [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
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
            if (steps[index] == 0)
                throw node.Unsupported("the step 0", "a step other than zero");
            var extent = (int)shape[axis];
            var step = (int)Math.Clamp(steps[index], -Math.Max(1, extent), Math.Max(1, extent));
            if (extent == 0)
                continue;
            var (begin, end) =
                step > 0
                    ? (Bound(starts[index], extent, 0, extent), Bound(ends[index], extent, 0, extent))
                    : (Bound(starts[index], extent, 0, extent - 1), Bound(ends[index], extent, -1, extent - 1));

            // One element is the same backwards.
            var isWhole = step == 1 ? begin == 0 && end == extent : extent == 1 && step < 0 && begin == 0 && end == -1;
            if (!isWhole)
                cuts.Add((axis, begin, end, step));
        }

        return cuts;
    }

    private static long[] Attribute(NodeContext node, string name) =>
        OptionalAttribute(node, name) ?? throw node.Attributes.Invalid($"no {name}", name);

    // "To the end" is the largest integer of 64 bits, which no attribute of 32 bits holds.
    private static long[]? OptionalAttribute(NodeContext node, string name) => node.Attributes.LongIntegers(name);

    // Indices beyond either end are cut off, as the standard says; exporters write the largest and the smallest integer for "to the end".
    private static int Bound(long index, int extent, int lowest, int highest) =>
        (int)Math.Clamp(index < 0 ? Math.Max(index, -extent - 1L) + extent : index, lowest, highest);
}
