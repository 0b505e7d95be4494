using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Batch normalisation over channels: y = scale * (x - mean) / sqrt(variance + epsilon) + shift. Inference uses the stored statistics; the
/// training engines use those of the batch and update the stored ones. All four parameters are [channels]. Works on images and vectors. An
/// optional activation follows.
/// </summary>
public sealed record BatchNorm : Operator
{
    /// <summary>The usual epsilon.</summary>
    public const float DefaultEpsilon = 1e-5f;

    /// <summary>The name of the scale (gamma).</summary>
    public required string Scale { get; init; }

    /// <summary>The name of the shift (beta).</summary>
    public required string Shift { get; init; }

    /// <summary>The name of the running mean.</summary>
    public required string Mean { get; init; }

    /// <summary>The name of the running variance.</summary>
    public required string Variance { get; init; }

    /// <summary>Added to the variance before the square root.</summary>
    public float Epsilon { get; init; } = DefaultEpsilon;

    /// <summary>The activation applied last.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <inheritdoc/>
    public override string Mnemonic => "batch_norm";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters =>
        [new("scale", Scale), new("shift", Shift), new("mean", Mean), new("variance", Variance)];

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        Activation.Validate(context);
        if (shape.Rank < 2)
            throw context.Error($"an input of shape {shape}", "[batch,channels,...]");
        if (!(Epsilon >= 0))
            throw context.Error(FormattableString.Invariant($"epsilon = {Epsilon}"), "at least 0");
        var channels = new TensorShape(shape.Channels);
        foreach (var use in Parameters)
            context.RequireParameter(use.Name, channels);
        return shape;
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        if (Epsilon != DefaultEpsilon)
            writer.Write("epsilon", Epsilon);
        Activation.Write(writer);
    }

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Scale = rename(new("scale", Scale)),
            Shift = rename(new("shift", Shift)),
            Mean = rename(new("mean", Mean)),
            Variance = rename(new("variance", Variance)),
        };

    internal static Operator Read(IAttributeReader reader) =>
        new BatchNorm
        {
            Scale = reader.Parameter("scale"),
            Shift = reader.Parameter("shift"),
            Mean = reader.Parameter("mean"),
            Variance = reader.Parameter("variance"),
            Epsilon = reader.Real("epsilon", DefaultEpsilon),
            Activation = Activation.Read(reader),
        };
}
