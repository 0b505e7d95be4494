namespace Subp.Onnx.Import;

/// <summary>Reads lists of dimensions, which older opsets give as an attribute and newer ones as an input; negative ones count from the end.</summary>
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
        var given = node.Opset >= inputOpset
            ? node.OptionalConstant(inputIndex, "axes")?.ToIntegers()
            : node.Attributes.Integers("axes")?.Select(axis => (long)axis).ToArray();
        if (given is null)
            return null;
        var axes = given.Select(axis => Normalize(node, axis, rank)).Order().ToArray();
        if (axes.Distinct().Count() != axes.Length)
            throw node.Attributes.Invalid($"the axes [{string.Join(",", given)}]", "each axis once");
        return axes;
    }

    /// <summary>One dimension as an index from the front.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">It is out of range.</exception>
    public static int Normalize(NodeContext node, long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            throw node.Attributes.Invalid(FormattableString.Invariant($"the axis {axis}"), FormattableString.Invariant($"{-rank} to {rank - 1}"));
        return (int)(axis < 0 ? axis + rank : axis);
    }
}
