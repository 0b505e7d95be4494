using Subp.Core.Diagnostics;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Operators that only change the shape: what amounts to nothing vanishes, what joins all dimensions but the batch becomes flatten, and all
/// else is a view, until a Transpose and a second Reshape make a channel shuffle of it or something reads it.
/// </summary>
internal static class Reshaping
{
    /// <summary>The first opset in which the shape of a Reshape is an input.</summary>
    public const int ShapeInputOpset = 5;

    /// <summary>Converts a node whose result has the elements of its input in the same order.</summary>
    public static void Convert(NodeContext node, ImportedValue input, long[] target)
    {
        switch (input)
        {
            case GraphValue value:
                Convert(node, value, target);
                break;
            case ViewValue { KeepsOrder: true } view:
                Convert(node, view.Source, target);
                break;
            case ViewValue { Permutation: [0, 2, 1, ..] } view when Shuffles(view, target):
                node.Emit(new ChannelShuffle { Groups = (int)view.Split[1] }, view.Source);
                break;
            default:
                Convert(node, node.ValueOfAnyKind(0), target);
                break;
        }
    }

    /// <summary>The target shape of a Reshape with its 0 and -1 resolved.</summary>
    /// <exception cref="SubpException">It does not have the elements of the input.</exception>
    public static long[] Target(NodeContext node, IReadOnlyList<long> input)
    {
        const int LargestRank = 16;
        var shape =
            node.Opset < ShapeInputOpset
                ? node.Attributes.LongIntegers("shape") ?? throw node.Attributes.Invalid("no shape", "shape")
                : node.Constant(1, "shape").ToIntegers();
        var count = Count(input);
        var zeroIsZero = node.Attributes.Switch("allowzero", false);
        var open = -1;
        var known = 1L;
        if (shape.Length > LargestRank)
            throw Mismatch(node, count, shape);
        for (var index = 0; index < shape.Length; index++)
        {
            if (shape[index] == 0 && !zeroIsZero && index < input.Count)
                shape[index] = input[index];
            if (shape[index] == -1 && open < 0)
                open = index;
            else if (shape[index] < 1 || shape[index] > count)
                throw Mismatch(node, count, shape);
            else
                known *= shape[index];
            if (known > count)
                throw Mismatch(node, count, shape);
        }

        if (count % known != 0 || (open < 0 && known != count))
            throw Mismatch(node, count, shape);
        if (open >= 0)
            shape[open] = count / known;
        return shape;
    }

    /// <summary>The number of elements of dimensions.</summary>
    public static long Count(IEnumerable<long> dimensions) => dimensions.Aggregate(1L, (product, extent) => product * extent);

    private static void Convert(NodeContext node, GraphValue input, long[] target)
    {
        var shape = input.Shape;
        if (target.SequenceEqual(shape.Dimensions.Select(dimension => (long)dimension)))
            node.Define(input);
        else if (shape.Rank >= 2 && target.Length == 2 && target[0] == shape.Batch && target[1] == shape.ElementCount / shape.Batch)
            node.Emit(new Flatten(), input);
        else
            node.Define(ViewValue.Reshaped(input, target));
    }

    // [batch, groups, channels / groups, rest], turned, must go back to the shape before the split.
    private static bool Shuffles(ViewValue view, long[] target)
    {
        long[] source = [.. view.Source.Shape.Dimensions.Select(extent => (long)extent)];
        return target.SequenceEqual(source)
            && view.Split.Length == source.Length + 1
            && view.Split[0] == source[0]
            && view.Split[1] * view.Split[2] == source[1]
            && view.Split.Skip(3).SequenceEqual(source.Skip(2))
            && view.Permutation.Skip(3).SequenceEqual(Enumerable.Range(3, view.Split.Length - 3));
    }

    private static SubpException Mismatch(NodeContext node, long count, long[] shape) =>
        new(
            DiagnosticDescriptors.ShapeMismatch,
            node.Label,
            $"the shape [{string.Join(",", shape)}]",
            FormattableString.Invariant($"one of {count} elements with at most one -1")
        );
}
