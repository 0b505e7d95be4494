using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>The single-precision numbers that bytes stand for: <see cref="IntegerLayer.Dequantize"/> of every element.</summary>
public sealed record Dequantize : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "dequantize";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) => context.Inputs[0];

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) =>
        context.IsQuantized ? TensorType.Float32 : throw context.Error("an input of type f32", "u8(scale,zero point)");

    internal static Operator Read(IAttributeReader reader) => new Dequantize();
}
