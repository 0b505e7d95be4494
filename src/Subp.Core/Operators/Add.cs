using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Element-wise addition of two values under the rules of <see cref="ShapeContext.Broadcast"/>, with an optional activation of the sum.
/// </summary>
public sealed record Add : Operator
{
    /// <summary>The activation applied to the sum.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <inheritdoc/>
    public override string Mnemonic => "add";

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

    internal static Operator Read(IAttributeReader reader) => new Add { Activation = Activation.Read(reader) };
}
