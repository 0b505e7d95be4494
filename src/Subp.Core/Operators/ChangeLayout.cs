using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Copies a value into another memory layout; the elements stay the same. The layout pass inserts it, the node's layout says the target.
/// </summary>
public sealed record ChangeLayout : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "change_layout";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) => context.Inputs[0];

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    internal static Operator Read(IAttributeReader reader) => new ChangeLayout();
}
