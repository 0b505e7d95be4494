using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// An element-wise function that stands alone: a clamp such as ReLU, or another <see cref="ActivationKind"/>. It keeps the shape of its
/// input.
/// </summary>
public sealed record Activate : Operator
{
    /// <summary>max(x, 0).</summary>
    public static readonly Activate Relu = new(Activation.Relu);

    /// <summary>min(max(x, 0), 6).</summary>
    public static readonly Activate Relu6 = new(Activation.Relu6);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static readonly Activate Sigmoid = new(Activation.Sigmoid);

    /// <summary>x * min(max(x + 3, 0), 6) / 6.</summary>
    public static readonly Activate HardSwish = new(Activation.HardSwish);

    /// <summary>x / (1 + exp(-x)).</summary>
    public static readonly Activate Silu = new(Activation.Silu);

    /// <summary>An activation to be set by an initialiser.</summary>
    public Activate() { }

    /// <summary>A given activation.</summary>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public Activate(Activation activation) => Activation = activation;

    /// <summary>The function.</summary>
    public required Activation Activation { get; init; }

    /// <summary><c>relu</c> for the commonest case, <c>clip</c> for every other clamp, else the word of the activation.</summary>
    public override string Mnemonic =>
        !Activation.IsClamp ? Activation.Word
        : Activation == Activation.Relu ? "relu"
        : "clip";

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        Activation.Validate(context);
        return context.Inputs[0];
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context) => context.Requantized();

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        Activation.WriteNumbers(writer);
        if (Activation == Activation.Relu)
            return;
        if (!float.IsNegativeInfinity(Activation.Minimum))
            writer.Write("minimum", Activation.Minimum);
        if (!float.IsPositiveInfinity(Activation.Maximum))
            writer.Write("maximum", Activation.Maximum);
    }

    internal static Operator ReadClip(IAttributeReader reader) => new Activate(Activation.ReadBounds(reader));

    internal static Func<IAttributeReader, Operator> Reader(ActivationForm form) => reader => new Activate(form.Read(reader));
}
