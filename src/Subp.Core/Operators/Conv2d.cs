using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// A two-dimensional convolution (cross-correlation, as in ONNX): y[n,o,i,j] = b[o] + sum over c,u,v of
/// w[o,c,u,v] * x[n, c + group offset, i * stride - pad + u * dilation, ...]. Inputs: the image and, once fused, the residual that is added
/// before the activation. The weight is [out, in / groups, kernel height, kernel width], the bias [out].
/// </summary>
public sealed record Conv2d : Operator
{
    /// <summary>The name of the weight.</summary>
    public required string Weight { get; init; }

    /// <summary>Bytes only: the name of the scales of the weight, one per output channel; null for a float weight.</summary>
    public string? WeightScale { get; init; }

    /// <summary>The name of the bias, or null.</summary>
    public string? Bias { get; init; }

    /// <summary>Kernel, stride, padding and dilation. The kernel repeats the extents of the weight.</summary>
    public required Window Window { get; init; }

    /// <summary>The number of channel groups; output channels of one group read the input channels of that group only.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>The activation applied last, after bias and residual.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <summary>
    /// Bytes with a residual only: the quantisation in which the result is rounded to a byte before the residual is added, as a convolution
    /// and an addition that are nodes of their own do it; null where the sum of both is rounded once.
    /// </summary>
    public Quantization? RoundedFirst { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "conv2d";

    /// <inheritdoc/>
    public override (int Minimum, int Maximum) InputCount => (1, 2);

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters =>
        ParameterUse.Present(new("weight", Weight), ("weight_scale", WeightScale), ("bias", Bias));

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        Activation.Validate(context);
        Window.Validate(context);
        context.RequireRange("groups", Groups, 1);
        var weight = context.Parameter(Weight).Shape;
        if (weight.Rank != 4 || weight[2] != Window.Kernel.Height || weight[3] != Window.Kernel.Width)
            throw context.Error(
                $"the weight '{Weight}' of shape {weight}",
                FormattableString.Invariant($"[out,in/groups,{Window.Kernel.Height},{Window.Kernel.Width}]")
            );
        if (image.Channels % Groups != 0 || weight[0] % Groups != 0 || weight[1] != image.Channels / Groups)
            throw context.Error(
                FormattableString.Invariant($"{image.Channels} input channels, the weight {weight} and {Groups} groups"),
                "input and output channels that are multiples of the groups, and in/groups as the weight's second dimension"
            );
        if (WeightScale is not null)
            context.RequireParameter(WeightScale, new TensorShape(weight[0]));
        if (Bias is not null)
            context.RequireParameter(Bias, new TensorShape(weight[0]));
        var (height, width) = Window.Output(context, image.Height, image.Width);
        var shape = new TensorShape(image.Batch, weight[0], height, width);
        if (context.Inputs.Count == 2 && !context.Inputs[1].Equals(shape))
            throw context.Error($"a residual of shape {context.Inputs[1]}", $"{shape}");
        return shape;
    }

    /// <inheritdoc/>
    public override TensorType InferType(TypeContext context)
    {
        context.RequireLayer(Weight, WeightScale, Bias);
        if (RoundedFirst is not null && !(context.IsQuantized && context.Inputs.Count == 2))
            throw context.Error("rounded_scale and rounded_zero", "both only where bytes and a residual of bytes are the inputs");
        return context.LayerResult(Activation);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        Window.Write(writer, withKernel: true);
        if (Groups != 1)
            writer.Write("groups", Groups);
        Activation.Write(writer);
        if (RoundedFirst is null)
            return;
        writer.Write("rounded_scale", RoundedFirst.Scale);
        writer.Write("rounded_zero", RoundedFirst.ZeroPoint);
    }

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Weight = rename(new("weight", Weight)),
            WeightScale = WeightScale is null ? null : rename(new("weight_scale", WeightScale)),
            Bias = Bias is null ? null : rename(new("bias", Bias)),
        };

    internal static Operator Read(IAttributeReader reader) =>
        new Conv2d
        {
            Weight = reader.Parameter("weight"),
            WeightScale = reader.OptionalParameter("weight_scale"),
            Bias = reader.OptionalParameter("bias"),
            Window = Window.Read(reader, kernel: null),
            Groups = reader.Integer("groups", 1),
            Activation = Activation.Read(reader),
            RoundedFirst = ReadRounded(reader),
        };

    private static Quantization? ReadRounded(IAttributeReader reader)
    {
        var (scale, zeroPoint) = (reader.Real("rounded_scale", 0), reader.Integer("rounded_zero", -1));
        return scale == 0 && zeroPoint == -1 ? null : new Quantization(scale, zeroPoint);
    }
}
