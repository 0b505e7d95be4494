using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Element by element the second input where the first, a mask, is not 0, else the third, under the rules of
/// <see cref="ShapeContext.Broadcast"/>.
/// </summary>
public sealed record Where : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "where";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (3, 3);

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) => context.Broadcast(context.Inputs);

    internal static Operator Read(IAttributeReader reader) => new Where();
}
