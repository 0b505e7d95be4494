using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Indices into a computed value, of which negative ones count from the end.</summary>
internal static class Indices
{
    private const int Most = 1 << 16;

    /// <summary>Constant indices, from the front.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">One is out of range, or there are none or too many.</exception>
    public static int[] Read(NodeContext node, ConstantTensor indices, int extent)
    {
        if (indices.Count is 0 or > Most)
            throw node.Unsupported(
                FormattableString.Invariant($"{indices.Count} indices"),
                FormattableString.Invariant($"1 to {Most} indices into a computed value")
            );
        long[] places = [.. indices.ToIntegers().Select(index => index < 0 ? index + extent : index)];
        foreach (var place in places.Where(place => place < 0 || place >= extent))
            throw node.Unsupported(
                FormattableString.Invariant($"the index {place}"),
                FormattableString.Invariant($"{-extent} to {extent - 1}")
            );
        return [.. places.Select(place => (int)place)];
    }

    /// <summary>The second input of a node, indices that the network computes.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">They are no integers.</exception>
    public static GraphValue Computed(NodeContext node)
    {
        var indices = node.ValueOfAnyKind(1, "indices");
        return indices.Kind == ElementKind.Integer
            ? indices
            : throw node.Unsupported(
                $"the computed value '{node.Node.Input[1]}' as indices, which are no integers",
                "integers",
                "Cast it to int64 before this node."
            );
    }

    /// <summary>The operator that takes indices of an axis: a slice where they are neighbours.</summary>
    public static Operator Take(TensorShape shape, int axis, int[] places)
    {
        var isRun = places.Length <= shape[axis] && places.Select((place, index) => place == places[0] + index).All(next => next);
        return isRun
            ? new Slice
            {
                Axis = axis,
                Begin = places[0],
                End = places[^1] + 1,
            }
            : new Gather { Axis = axis, Indices = places };
    }
}
