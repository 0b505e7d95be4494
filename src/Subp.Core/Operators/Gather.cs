using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>Chosen indices of one axis, in any order, each as often as it is listed.</summary>
public sealed record Gather : Operator
{
    /// <summary>The axis, counted from 0.</summary>
    public required int Axis { get; init; }

    /// <summary>The indices, counted from 0; their number is the extent of the axis in the result.</summary>
    public required EquatableList<int> Indices { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "gather";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        context.RequireAxis("axis", Axis, shape);
        foreach (var index in Indices)
            context.RequireRange("indices", index, 0, shape[Axis] - 1);
        int[] dimensions = [.. shape.Dimensions];
        dimensions[Axis] = Indices.Count;
        return new TensorShape(dimensions);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axis", Axis);
        writer.Write("indices", [.. Indices]);
    }

    internal static Operator Read(IAttributeReader reader) =>
        new Gather { Axis = reader.Integer("axis"), Indices = reader.Integers("indices") };
}
