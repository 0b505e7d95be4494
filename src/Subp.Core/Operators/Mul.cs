using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The element-wise product of two values of one shape, or of an image and a gate [batch,channels,1,1] that scales whole channels, as in
/// squeeze-and-excite blocks. The gate is the second input. An optional activation follows.
/// </summary>
public sealed record Mul : Operator
{
    /// <summary>The activation applied to the product.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <inheritdoc/>
    public override string Mnemonic => "mul";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (2, 2);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        Activation.Validate(context);
        var (value, factor) = (context.Inputs[0], context.Inputs[1]);
        if (!value.Equals(factor) && !(value.IsImage && factor.Equals(new TensorShape(value.Batch, value.Channels, 1, 1))))
            throw context.Error($"the shapes {value} and {factor}", "equal shapes, or an image and a second input [batch,channels,1,1]");
        return value;
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => Activation.Write(writer);

    internal static Operator Read(IAttributeReader reader) => new Mul { Activation = Activation.Read(reader) };
}
