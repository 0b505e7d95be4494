using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>exp(x - max) / sum of exp(x - max) along one axis, or the logarithm of that.</summary>
public sealed record Softmax : Operator
{
    /// <summary>The axis, counted from 0; the features of a vector are 1.</summary>
    public int Axis { get; init; } = 1;

    /// <summary>Whether the result is the logarithm: x - max - log(sum of exp(x - max)).</summary>
    public bool IsLogarithm { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => IsLogarithm ? "log_softmax" : "softmax";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        context.RequireAxis("axis", Axis, context.Inputs[0]);
        return context.Inputs[0];
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (Axis != 1)
            writer.Write("axis", Axis);
    }

    internal static Operator Read(IAttributeReader reader) => new Softmax { Axis = reader.Integer("axis", 1) };

    internal static Operator ReadLogarithm(IAttributeReader reader) => new Softmax { Axis = reader.Integer("axis", 1), IsLogarithm = true };
}
