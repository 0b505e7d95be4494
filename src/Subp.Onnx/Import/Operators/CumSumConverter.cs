using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>CumSum: the product with a triangle of ones along the axis, which is the last one meanwhile.</summary>
internal sealed class CumSumConverter : OperatorConverter
{
    private const int LongestAxis = 1 << 11;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("CumSum", "matmul, and transpose where the axis is not the last", "A constant axis of at most 2,048; exclusive and reverse.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.Value(0);
        var rank = value.Shape.Rank;
        var axis = Axes.Normalize(node, node.Constant(1, "axis").ToIntegers().Single(), rank);
        var length = value.Shape[axis];
        if (length > LongestAxis)
            throw node.Unsupported(
                FormattableString.Invariant($"an axis of {length}"),
                FormattableString.Invariant($"at most {LongestAxis}")
            );
        var (isExclusive, isReverse) = (node.Attributes.Switch("exclusive", false), node.Attributes.Switch("reverse", false));
        var ones = new float[length * length];
        node.ChargeFolded(ones.Length);
        for (var index = 0; index < ones.Length; index++)
        {
            var distance = (index % length) - (index / length);
            distance = isReverse ? -distance : distance;
            ones[index] = distance > 0 || (distance == 0 && !isExclusive) ? 1 : 0;
        }

        var triangle = node.ComputedConstant("triangle", new TensorShape(length, length), ones);
        if (rank == 1)
        {
            var row = node.EmitIntermediate("row", new Reshape(1, length), value);
            node.Emit(new Reshape(length), node.EmitIntermediate("sums", new MatMul(), row, triangle));
            return;
        }

        if (axis == rank - 1)
        {
            node.Emit(new MatMul(), value, triangle);
            return;
        }

        // Swapping two axes is its own inverse.
        int[] swap = [.. Enumerable.Range(0, rank)];
        (swap[axis], swap[rank - 1]) = (rank - 1, axis);
        var turned = node.EmitIntermediate("turned", new Transpose { Permutation = swap }, value);
        node.Emit(new Transpose { Permutation = swap }, node.EmitIntermediate("sums", new MatMul(), turned, triangle));
    }
}
