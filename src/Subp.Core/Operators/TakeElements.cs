using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// One element of the first input for each index that the second input says: the element at the place of the index, but for one axis, along
/// which it is the index. The indices have as many dimensions as the first input and are within it along all other axes. They are whole
/// numbers as those of <see cref="Take"/>.
/// </summary>
public sealed record TakeElements : Operator
{
    /// <summary>The axis of the first input, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "take_elements";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (shape, indices) = (context.Inputs[0], context.Inputs[1]);
        context.RequireAxis("axis", Axis, shape);
        context.RequireIndexable(shape, Axis);
        if (indices.Rank != shape.Rank || Enumerable.Range(0, shape.Rank).Any(axis => axis != Axis && indices[axis] > shape[axis]))
            throw context.Error(
                $"indices of shape {indices}",
                FormattableString.Invariant($"a shape within {shape}, along axis {Axis} of any extent")
            );
        return indices;
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("axis", Axis);

    internal static Operator Read(IAttributeReader reader) => new TakeElements { Axis = reader.Integer("axis") };
}
