using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The elements begin, begin + step, ... below end of one axis: channels (1), rows (2) or columns (3).</summary>
public sealed record Slice : Operator
{
    /// <summary>The axis: 1 for channels or features, 2 for rows, 3 for columns.</summary>
    public required int Axis { get; init; }

    /// <summary>The first index that is taken.</summary>
    public required int Begin { get; init; }

    /// <summary>One past the last index that may be taken.</summary>
    public required int End { get; init; }

    /// <summary>The distance of two indices that are taken.</summary>
    public int Step { get; init; } = 1;

    /// <inheritdoc/>
    public override string Mnemonic => "slice";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (shape.Rank < 2)
            throw context.Error($"an input of shape {shape}", "[batch,channels,...]");
        context.RequireRange("axis", Axis, 1, shape.Rank - 1);
        context.RequireRange("begin", Begin, 0, shape[Axis] - 1);
        context.RequireRange("end", End, Begin + 1, shape[Axis]);
        context.RequireRange("step", Step, 1);
        int[] dimensions = [.. shape.Dimensions];
        dimensions[Axis] = ((End - Begin - 1) / Step) + 1;
        return new TensorShape(dimensions);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axis", Axis);
        writer.Write("begin", Begin);
        writer.Write("end", End);
        if (Step != 1)
            writer.Write("step", Step);
    }

    internal static Operator Read(IAttributeReader reader) =>
        new Slice
        {
            Axis = reader.Integer("axis"),
            Begin = reader.Integer("begin"),
            End = reader.Integer("end"),
            Step = reader.Integer("step", 1),
        };
}
