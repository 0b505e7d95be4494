using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Elements of the first input, from one axis of which the second input says the indices: the axis gives way to the dimensions of the
/// indices. Indices are whole numbers from minus the extent of the axis to below it, where negative ones count from the end; any other is
/// an error of the run. <see cref="Gather"/> is the same with indices that are known.
/// </summary>
public sealed record Take : Operator
{
    /// <summary>The axis of the first input, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "take";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var (shape, indices) = (context.Inputs[0], context.Inputs[1]);
        context.RequireAxis("axis", Axis, shape);
        context.RequireIndexable(shape, Axis);
        var dimensions = shape.Dimensions;
        return new TensorShape([.. dimensions.Take(Axis), .. indices.Dimensions, .. dimensions.Skip(Axis + 1)]);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("axis", Axis);

    internal static Operator Read(IAttributeReader reader) => new Take { Axis = reader.Integer("axis") };
}
