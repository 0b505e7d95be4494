using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The elements begin, begin + step, ... of one axis, up to but without end; a negative step counts downwards.
/// </summary>
public sealed record Slice : Operator
{
    /// <summary>The axis, counted from 0: 1 for channels or features, 2 for rows, 3 for columns of an image.</summary>
    public required int Axis { get; init; }

    /// <summary>The first index that is taken.</summary>
    public required int Begin { get; init; }

    /// <summary>The index at which taking ends, itself not taken: above begin, or for a negative step below it and at least -1.</summary>
    public required int End { get; init; }

    /// <summary>The distance of two indices that are taken; not 0.</summary>
    public int Step { get; init; } = 1;

    /// <inheritdoc/>
    public override string Mnemonic => "slice";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        context.RequireAxis("axis", Axis, shape);
        context.RequireRange("begin", Begin, 0, shape[Axis] - 1);
        context.RequireRange("step", Step, Step < 0 ? int.MinValue : 1);
        if (Step > 0)
            context.RequireRange("end", End, Begin + 1, shape[Axis]);
        else
            context.RequireRange("end", End, -1, Begin - 1);
        int[] dimensions = [.. shape.Dimensions];
        dimensions[Axis] = (int)((Math.Abs((long)End - Begin) - 1) / Math.Abs((long)Step)) + 1;
        return new TensorShape(dimensions);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axis", Axis);
        writer.Write("begin", Begin);
        writer.Write("end", End);
        if (Step != 1)
            writer.Write("step", Step);
    }

    /// <summary>The slice that takes everything: a copy.</summary>
    /// <param name="shape">The shape of the value, of at least one dimension.</param>
    public static Slice Whole(TensorShape shape) =>
        new()
        {
            Axis = shape.Rank > 1 ? 1 : 0,
            Begin = 0,
            End = shape[shape.Rank > 1 ? 1 : 0],
        };

    internal static Operator Read(IAttributeReader reader) =>
        new Slice
        {
            Axis = reader.Integer("axis"),
            Begin = reader.Integer("begin"),
            End = reader.Integer("end"),
            Step = reader.Integer("step", 1),
        };
}
