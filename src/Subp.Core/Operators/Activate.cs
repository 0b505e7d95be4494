using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>An element-wise clamp: ReLU, ReLU6 or any range.</summary>
public sealed record Clip : Operator
{
    /// <summary>max(x, 0).</summary>
    public static readonly Clip Relu = new() { Activation = Activation.Relu };

    /// <summary>min(max(x, 0), 6).</summary>
    public static readonly Clip Relu6 = new() { Activation = Activation.Relu6 };

    /// <summary>The clamp.</summary>
    public required Activation Activation { get; init; }

    /// <summary><c>relu</c> for the commonest case, else <c>clip</c>.</summary>
    public override string Mnemonic => Activation == Activation.Relu ? "relu" : "clip";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        Activation.Validate(context);
        return context.Inputs[0];
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (Activation == Activation.Relu)
            return;
        if (!float.IsNegativeInfinity(Activation.Minimum))
            writer.Write("minimum", Activation.Minimum);
        if (!float.IsPositiveInfinity(Activation.Maximum))
            writer.Write("maximum", Activation.Maximum);
    }

    internal static Operator Read(IAttributeReader reader) => new Clip
    {
        Activation = new Activation(reader.Real("minimum", float.NegativeInfinity), reader.Real("maximum", float.PositiveInfinity)),
    };
}
