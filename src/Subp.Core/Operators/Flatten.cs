using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>Joins all dimensions but the batch, in NCHW order: [batch, ...] to [batch, features].</summary>
public sealed record Flatten : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "flatten";

    /// <inheritdoc/>
    /// <exception cref="SubpException">The input has no batch dimension.</exception>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        if (shape.Rank < 2)
            throw context.Error($"an input of shape {shape}", "[batch,...]");
        return new TensorShape(shape[0], shape.ElementCount / shape[0]);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.SameAsInput();

    internal static Operator Read(IAttributeReader reader) => new Flatten();
}
