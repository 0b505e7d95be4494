using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Indices as rows of truth values, one of which is true.</summary>
internal static class OneHots
{
    /// <summary>Compares indices with the places of an axis, along which they have an extent of 1.</summary>
    /// <param name="node">The node.</param>
    /// <param name="indices">The indices, from 0; others equal no place.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="depth">The number of places.</param>
    /// <returns>Truth values of the shape of the indices with <paramref name="depth"/> along the axis.</returns>
    public static GraphValue Of(NodeContext node, GraphValue indices, int axis, int depth)
    {
        var places = new float[depth];
        node.ChargeFolded(depth);
        for (var place = 0; place < depth; place++)
            places[place] = place;
        TensorShape shape = new([depth, .. Enumerable.Repeat(1, indices.Shape.Rank - 1 - axis)]);
        return node.EmitIntermediate(
            "chosen",
            new Binary { Kind = BinaryKind.Equal },
            indices,
            node.ComputedConstant("places", shape, places)
        );
    }
}
