using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>exp(x - max) / sum of exp(x - max) over the features of each row of [batch, features].</summary>
public sealed record Softmax : Operator
{
    /// <inheritdoc/>
    public override string Mnemonic => "softmax";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        if (context.Inputs[0].Rank != 2)
            throw context.Error($"an input of shape {context.Inputs[0]}", "[batch,features]");
        return context.Inputs[0];
    }

    internal static Operator Read(IAttributeReader reader) => new Softmax();
}
