using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Gather; constant indices that are neighbours are a slice.</summary>
internal sealed class GatherConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Gather",
            "gather, slice for neighbouring indices, or take for computed ones",
            "Indices of any shape, any axis; computed ones are checked when the network runs, and the axis has at most 2^24."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 2);
        var value = node.ValueOfAnyKind(0, "data");
        var axis = Axes.Normalize(node, node.Attributes.Integer("axis", 0), value.Shape.Rank);
        if (node.HasInput(1) && !node.IsConstant(1))
        {
            node.Emit(new Take { Axis = axis }, value, Indices.Computed(node));
            return;
        }

        var indices = node.Constant(1, "indices");
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
