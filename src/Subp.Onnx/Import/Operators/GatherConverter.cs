namespace Subp.Onnx.Import.Operators;

/// <summary>Gather with constant indices; neighbours are a slice.</summary>
internal sealed class GatherConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("Gather", "gather, or slice for neighbouring indices", "Constant indices of any shape, any axis.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0, "data");
        var indices = node.Constant(1, "indices");
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank);
        var places = Indices.Read(node, indices, value.Shape[axis]);
        var taken = Indices.Take(value.Shape, axis, places);
        if (indices.Dimensions.Count == 1)
        {
            node.Emit(taken, value);
            return;
        }

        // The axis becomes the dimensions of the indices, none for a single index.
        var result = node.EmitIntermediate("taken", taken, value);
        var shape = value.Dimensions;
        Reshaping.Convert(node, result, [.. shape[..axis], .. indices.Dimensions.Select(extent => (long)extent), .. shape[(axis + 1)..]]);
    }
}
