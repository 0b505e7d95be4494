namespace Subp.Onnx.Import;

/// <summary>Operators that only change the shape: what amounts to nothing vanishes, what joins all dimensions but the batch becomes flatten.</summary>
internal static class Reshaping
{
    /// <summary>Converts a node whose result has the elements of its input in the same order.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The result is neither the shape of the input nor [batch, rest].</exception>
    public static void Convert(NodeContext node, GraphValue input, IReadOnlyList<long> target)
    {
        var shape = input.Shape;
        if (target.SequenceEqual(shape.Dimensions.Select(dimension => (long)dimension)))
            node.Define(input);
        else if (shape.Rank >= 2 && target.Count == 2 && target[0] == shape.Batch && target[1] == shape.ElementCount / shape.Batch)
            node.Emit(new Core.Operators.Flatten(), input);
        else
            throw node.Unsupported($"a change of the shape {shape} to [{string.Join(",", target)}]", "the same shape, or all dimensions but the batch joined");
    }
}
