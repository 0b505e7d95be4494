using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The indices, as floats, of the largest or smallest elements along one axis, the best first. Of equal elements the one in front comes
/// first, and what is no number comes behind all others.
/// </summary>
public sealed record TopIndices : Operator
{
    /// <summary>The axis, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <summary>How many elements of the axis are named.</summary>
    public required int Count { get; init; }

    /// <summary>True for the smallest, false for the largest elements.</summary>
    public bool IsSmallest { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "top_indices";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        context.RequireAxis("axis", Axis, shape);
        context.RequireRange("count", Count, 1, shape[Axis]);
        context.RequireIndexable(shape, Axis);
        int[] extents = [.. shape.Dimensions];
        extents[Axis] = Count;
        return new TensorShape(extents);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axis", Axis);
        writer.Write("count", Count);
        if (IsSmallest)
            writer.Write("smallest", 1);
    }

    internal static Operator Read(IAttributeReader reader) =>
        new TopIndices
        {
            Axis = reader.Integer("axis"),
            Count = reader.Integer("count"),
            IsSmallest = reader.Integer("smallest", 0) != 0,
        };
}
