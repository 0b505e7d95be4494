using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>
/// ScatterND, ScatterElements and their predecessor Scatter with constant indices: every element of the result is one of the data or one
/// of the updates, and which is known, so that it is a choice of rows from both.
/// </summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class ScatterConverter(string name) : OperatorConverter
{
    private const int Most = 1 << 16;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(name, "concat and gather", "Constant indices; of equal ones the last counts; without reduction.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(3, 3);
        var (data, updates) = (node.ValueOfAnyKind(0, "data"), node.ValueOfAnyKind(2, "updates"));
        var indices = node.Constant(1, "indices");
        var reduction = node.Attributes.Text("reduction", "none");
        if (reduction != "none")
            throw node.Unsupported($"reduction = '{reduction}'", "none", UnsupportedNodes.Advice);
        if (data.Kind != updates.Kind)
            throw node.Unsupported("data and updates of different types", "one type");
        var (places, inner) = name == "ScatterND" ? Tuples(node, data, indices) : (Elements(node, data, indices), 1);
        var rows = data.Shape.ElementCount / inner;
        if ((long)places.Length * inner != updates.Shape.ElementCount)
            throw node.Unsupported(
                FormattableString.Invariant($"updates of shape {updates.Shape} for {places.Length} places of {inner} elements"),
                "as many elements as there are places for"
            );
        if (rows > Most || places.Length > Most)
            throw node.Unsupported(FormattableString.Invariant($"{rows} rows of data"), FormattableString.Invariant($"at most {Most}"));
        int[] taken = [.. Enumerable.Range(0, rows)];
        for (var index = 0; index < places.Length; index++)
            taken[places[index]] = rows + index;
        var both = node.EmitIntermediate(
            "both",
            new Concat { Axis = 0 },
            node.EmitIntermediate("data", new Reshape(rows, inner), data),
            node.EmitIntermediate("updates", new Reshape(places.Length, inner), updates)
        );
        var result = node.EmitIntermediate("taken", new Gather { Axis = 0, Indices = taken }, both);
        Reshaping.Convert(node, result, data.Dimensions);
    }

    // The row that each tuple of indices names, and the number of elements of a row.
    private static (int[] Places, int Inner) Tuples(NodeContext node, GraphValue data, ConstantTensor indices)
    {
        var length = indices.Dimensions.Count == 0 ? 0 : indices.Dimensions[^1];
        if (length < 1 || length > data.Shape.Rank)
            throw node.Unsupported(
                FormattableString.Invariant($"tuples of {length} indices"),
                FormattableString.Invariant($"1 to {data.Shape.Rank}")
            );
        var given = indices.ToIntegers();
        var places = new int[given.Length / length];
        for (var index = 0; index < given.Length; index++)
        {
            var extent = data.Shape[index % length];
            places[index / length] = (places[index / length] * extent) + Place(node, given[index], extent);
        }

        return (places, (int)Reshaping.Count(data.Dimensions.Skip(length)));
    }

    private static int[] Elements(NodeContext node, GraphValue data, ConstantTensor indices)
    {
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), data.Shape.Rank);
        var extents = indices.Dimensions;
        if (extents.Count != data.Shape.Rank || extents.Where((extent, other) => other != axis && extent > data.Shape[other]).Any())
            throw node.Unsupported($"indices of shape [{string.Join(",", extents)}] for {data.Shape}", "a shape within that of the data");
        var given = indices.ToIntegers();
        var places = new int[given.Length];
        for (var index = 0; index < given.Length; index++)
        {
            var (rest, stride) = (index, 1);
            for (var other = extents.Count - 1; other >= 0; other--)
            {
                places[index] += (other == axis ? Place(node, given[index], data.Shape[axis]) : rest % extents[other]) * stride;
                rest /= extents[other];
                stride *= data.Shape[other];
            }
        }

        return places;
    }

    private static int Place(NodeContext node, long index, int extent)
    {
        var place = index < 0 ? index + extent : index;
        return place >= 0 && place < extent
            ? (int)place
            : throw node.Unsupported(
                FormattableString.Invariant($"the index {index}"),
                FormattableString.Invariant($"{-extent} to {extent - 1}")
            );
    }
}
