namespace Subp.Onnx.Import;

/// <summary>Reads the axis and the parts of a Split, which are an attribute, a constant input, a number, or not given at all.</summary>
internal static class SplitReader
{
    private const int PartsInputOpset = 13;

    /// <summary>The axis and the extents of the parts, one per output.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The parts are not those of the axis.</exception>
    public static (int Axis, int[] Parts) Read(NodeContext node, IReadOnlyList<long> shape)
    {
        node.RequireInputs(1, node.Opset >= PartsInputOpset ? 2 : 1);
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), shape.Count);
        var (extent, outputs) = (shape[axis], node.Node.Output.Count);
        var given =
            node.Opset >= PartsInputOpset
                ? node.OptionalConstant(1, "split")?.ToIntegers()
                : node.Attributes.Integers("split")?.Select(part => (long)part).ToArray();
        var declared = node.Attributes.Integer("num_outputs", outputs, 1);
        if (declared != outputs)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"num_outputs = {declared}"),
                FormattableString.Invariant($"the {outputs} outputs")
            );

        // Equal parts round up; the last one takes what is left.
        var equal = (extent + outputs - 1) / outputs;
        given ??= [.. Enumerable.Range(0, outputs).Select(index => Math.Min(equal, extent - (index * equal)))];
        if (given.Length != outputs || given.Any(part => part < 0 || part > extent) || given.Sum() != extent)
            throw node.Unsupported(
                $"the parts [{string.Join(",", given)}] of the extent {extent} in {outputs} outputs",
                "one part per output, which together are the extent"
            );
        return (axis, [.. given.Select(part => (int)part)]);
    }
}
