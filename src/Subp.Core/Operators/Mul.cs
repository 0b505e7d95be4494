using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// The element-wise product of two values under the rules of <see cref="ShapeContext.Broadcast"/>: equal shapes, an image and a gate
/// [batch,channels,1,1] as in squeeze-and-excite blocks, or any other. An optional activation follows.
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
        return context.Broadcast(context.Inputs);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.Clamped(Activation);

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => Activation.Write(writer);

    internal static Operator Read(IAttributeReader reader) => new Mul { Activation = Activation.Read(reader) };
}
