using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The axes in another order: axis i of the result is axis permutation[i] of the input.</summary>
public sealed record Transpose : Operator
{
    /// <summary>Every axis of the input once.</summary>
    public required EquatableList<int> Permutation { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "transpose";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (!Permutation.OrderBy(axis => axis).SequenceEqual(Enumerable.Range(0, shape.Rank)))
            throw context.Error(
                $"permutation = [{string.Join(",", Permutation)}] for an input of shape {shape}",
                "every axis of the input once"
            );
        return new TensorShape([.. Permutation.Select(axis => shape[axis])]);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => writer.Write("permutation", [.. Permutation]);

    internal static Operator Read(IAttributeReader reader) => new Transpose { Permutation = reader.Integers("permutation") };
}
