namespace Subp.Onnx.Import;

/// <summary>
/// Reads lists of dimensions, which older opsets give as an attribute and newer ones as an input; negative ones count from the end.
/// </summary>
internal static class Axes
{
    /// <summary>The dimensions as ascending indices, or null where none are given.</summary>
    /// <param name="node">The node.</param>
    /// <param name="rank">The rank of the value they index.</param>
    /// <param name="inputOpset">The first opset that gives them as an input.</param>
    /// <param name="inputIndex">The index of that input.</param>
    /// <exception cref="Core.Diagnostics.SubpException">One is out of range or given twice.</exception>
    public static int[]? Read(NodeContext node, int rank, int inputOpset, int inputIndex)
    {
        var given =
            node.Opset >= inputOpset
                ? node.OptionalConstant(inputIndex, "axes")?.ToIntegers()
                : node.Attributes.Integers("axes")?.Select(axis => (long)axis).ToArray();
        if (given is null)
            return null;
        var axes = given.Select(axis => Normalize(node, axis, rank)).Order().ToArray();
        if (axes.Distinct().Count() != axes.Length)
            throw node.Attributes.Invalid($"the axes [{string.Join(",", given)}]", "each axis once");
        return axes;
    }

    /// <summary>The dimensions that a reduction takes away: all where none are given, unless the node says that none are meant.</summary>
    /// <param name="node">The node.</param>
    /// <param name="rank">The rank of the value that is reduced.</param>
    /// <param name="inputOpset">The first opset that gives them as an input.</param>
    /// <exception cref="Core.Diagnostics.SubpException">One is out of range or given twice.</exception>
    public static int[] Reduced(NodeContext node, int rank, int inputOpset)
    {
        var given = Read(node, rank, inputOpset, inputIndex: 1) ?? [];
        var keepsAll = node.Attributes.Switch("noop_with_empty_axes", false);
        return given.Length == 0 && !keepsAll ? [.. Enumerable.Range(0, rank)] : given;
    }

    /// <summary>The dimensions of an Unsqueeze's result.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The axes are absent, out of range or given twice.</exception>
    public static long[] Inserted(NodeContext node, IReadOnlyList<long> shape)
    {
        const int AxesInputOpset = 13;
        const int LargestRank = 16;
        node.RequireInputs(node.Opset >= AxesInputOpset ? 2 : 1, node.Opset >= AxesInputOpset ? 2 : 1);
        var count = node.Opset >= AxesInputOpset ? node.Constant(1, "axes").Count : node.Attributes.Integers("axes")?.Length ?? 0;
        if (count == 0 || shape.Count + count > LargestRank)
            throw node.Attributes.Invalid(FormattableString.Invariant($"{count} axes"), "at least one, and at most 16 dimensions");
        var axes = Read(node, shape.Count + count, AxesInputOpset, inputIndex: 1)!;
        var result = shape.ToList();
        foreach (var axis in axes)
            result.Insert(axis, 1);
        return [.. result];
    }

    /// <summary>The attribute <c>perm</c>, or the reversed order where it is absent.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">It is no permutation of the axes.</exception>
    public static int[] Permutation(NodeContext node, int rank)
    {
        const int LargestRank = 16;
        if (rank > LargestRank)
            throw node.Unsupported(
                FormattableString.Invariant($"{rank} dimensions"),
                FormattableString.Invariant($"at most {LargestRank}")
            );
        var permutation = node.Attributes.Integers("perm") ?? [.. Enumerable.Range(0, rank).Reverse()];
        return permutation.Order().SequenceEqual(Enumerable.Range(0, rank))
            ? permutation
            : throw node.Attributes.Invalid(
                $"perm = [{string.Join(",", permutation)}]",
                FormattableString.Invariant($"a permutation of 0 to {rank - 1}")
            );
    }

    /// <summary>One dimension as an index from the front.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">It is out of range.</exception>
    public static int Normalize(NodeContext node, long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"the axis {axis}"),
                FormattableString.Invariant($"{-rank} to {rank - 1}")
            );
        return (int)(axis < 0 ? axis + rank : axis);
    }
}
