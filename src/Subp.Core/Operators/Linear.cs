using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// A fully connected layer over the last dimension: y[..,o] = b[o] + sum over i of w[o,i] * x[..,i]. The weight is [out, in], the bias
/// [out].
/// </summary>
public sealed record Linear : Operator
{
    /// <summary>The name of the weight.</summary>
    public required string Weight { get; init; }

    /// <summary>Bytes only: the name of the scales of the weight, one per output feature; null for a float weight.</summary>
    public string? WeightScale { get; init; }

    /// <summary>The name of the bias, or null.</summary>
    public string? Bias { get; init; }

    /// <summary>The activation applied last.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <inheritdoc/>
    public override string Mnemonic => "linear";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters =>
        ParameterUse.Present(new("weight", Weight), ("weight_scale", WeightScale), ("bias", Bias));

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var input = context.Inputs[0];
        Activation.Validate(context);
        var weight = context.Parameter(Weight).Shape;
        if (input.Rank < 1 || weight.Rank != 2 || weight[1] != input[input.Rank - 1])
            throw context.Error($"an input of shape {input} and the weight '{Weight}' of shape {weight}", "[..,in] and [out,in]");
        if (WeightScale is not null)
            context.RequireParameter(WeightScale, new TensorShape(weight[0]));
        if (Bias is not null)
            context.RequireParameter(Bias, new TensorShape(weight[0]));
        return new TensorShape([.. input.Dimensions.Take(input.Rank - 1), weight[0]]);
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context)
    {
        context.RequireLayer(Weight, WeightScale, Bias);
        return context.LayerResult(Activation);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer) => Activation.Write(writer);

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Weight = rename(new("weight", Weight)),
            WeightScale = WeightScale is null ? null : rename(new("weight_scale", WeightScale)),
            Bias = Bias is null ? null : rename(new("bias", Bias)),
        };

    internal static Operator Read(IAttributeReader reader) =>
        new Linear
        {
            Weight = reader.Parameter("weight"),
            WeightScale = reader.OptionalParameter("weight_scale"),
            Bias = reader.OptionalParameter("bias"),
            Activation = Activation.Read(reader),
        };
}
