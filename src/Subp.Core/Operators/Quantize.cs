using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Bytes of the quantisation that the node declares, of single-precision numbers or of bytes of another quantisation:
/// <see cref="IntegerLayer.Quantize"/> or <see cref="IntegerLayer.Requantize"/> of every element.
/// </summary>
public sealed record Quantize : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "quantize";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) => context.Inputs[0];

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.DeclaredBytes();

    internal static Operator Read(IAttributeReader reader) => new Quantize();
}
