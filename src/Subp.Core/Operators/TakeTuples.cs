using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Elements of the first input at places for which several axes have an index each: the last dimension of the second input is a tuple of
/// indices, one for each of the axes behind the batch dimensions. Those axes give way to the other dimensions of the indices. Each position
/// of the batch dimensions, which both inputs have in front, has indices of its own. They are whole numbers as those of <see cref="Take"/>.
/// </summary>
public sealed record TakeTuples : Operator
{
    /// <summary>How many dimensions in front are common to both inputs.</summary>
    public int BatchDimensions { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "take_tuples";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (shape, indices) = (context.Inputs[0], context.Inputs[1]);
        if (indices.Rank == 0)
            throw context.Error($"indices of shape {indices}", "tuples of indices along the last dimension");
        context.RequireRange("batch_dimensions", BatchDimensions, 0, Math.Min(shape.Rank, indices.Rank) - 1);
        var length = indices[indices.Rank - 1];
        if (length > shape.Rank - BatchDimensions)
            throw context.Error(
                FormattableString.Invariant($"tuples of {length} indices"),
                FormattableString.Invariant($"1 to {shape.Rank - BatchDimensions}, one for each axis behind the batch dimensions")
            );
        if (!shape.Dimensions.Take(BatchDimensions).SequenceEqual(indices.Dimensions.Take(BatchDimensions)))
            throw context.Error(
                $"indices of shape {indices}",
                FormattableString.Invariant($"the first {BatchDimensions} dimensions of {shape} in front")
            );
        for (var axis = BatchDimensions; axis < BatchDimensions + length; axis++)
            context.RequireIndexable(shape, axis);
        return new TensorShape([.. indices.Dimensions.Take(indices.Rank - 1), .. shape.Dimensions.Skip(BatchDimensions + length)]);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (BatchDimensions != 0)
            writer.Write("batch_dimensions", BatchDimensions);
    }

    internal static Operator Read(IAttributeReader reader) => new TakeTuples { BatchDimensions = reader.Integer("batch_dimensions", 0) };
}
