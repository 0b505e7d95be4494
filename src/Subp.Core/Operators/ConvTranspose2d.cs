using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// A transposed two-dimensional convolution (ONNX ConvTranspose): every input pixel (c, i, j) adds w[c,o,u,v] * x[n,c,i,j] to the output
/// pixel (o, i * stride - pad + u * dilation, j * stride - pad + v * dilation). The weight is [in, out / groups, kernel height, kernel
/// width], the bias [out].
/// </summary>
public sealed record ConvTranspose2d : Operator
{
    /// <summary>The name of the weight.</summary>
    public required string Weight { get; init; }

    /// <summary>The name of the bias, or null.</summary>
    public string? Bias { get; init; }

    /// <summary>Kernel, stride, dilation, and the padding that is cut off the result.</summary>
    public required Window Window { get; init; }

    /// <summary>Rows and columns that are added to the result below and to the right.</summary>
    public Extent OutputPadding { get; init; }

    /// <summary>The number of channel groups.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>The activation applied last.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <inheritdoc/>
    public override string Mnemonic => "conv_transpose2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters =>
        Bias is null ? [new("weight", Weight)] : [new("weight", Weight), new("bias", Bias)];

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var image = context.Image();
        Activation.Validate(context);
        Window.Validate(context);
        context.RequireRange("groups", Groups, 1);
        context.RequireRange("output_padding", Math.Min(OutputPadding.Height, OutputPadding.Width), 0);
        var weight = context.Parameter(Weight).Shape;
        if (weight.Rank != 4 || weight[2] != Window.Kernel.Height || weight[3] != Window.Kernel.Width)
            throw context.Error(
                $"the weight '{Weight}' of shape {weight}",
                FormattableString.Invariant($"[in,out/groups,{Window.Kernel.Height},{Window.Kernel.Width}]")
            );
        if (image.Channels % Groups != 0 || weight[0] != image.Channels)
            throw context.Error(
                FormattableString.Invariant($"{image.Channels} input channels, the weight {weight} and {Groups} groups"),
                "input channels that are a multiple of the groups and the weight's first dimension"
            );
        var channels = (int)Math.Min((long)weight[1] * Groups, int.MaxValue);
        if (Bias is not null)
            context.RequireParameter(Bias, new TensorShape(channels));
        var (kernel, stride, padding, dilation) = Window;
        return new TensorShape(
            image.Batch,
            channels,
            Extent(
                context,
                "height",
                image.Height,
                kernel.Height,
                stride.Height,
                dilation.Height,
                padding.Top,
                padding.Bottom,
                OutputPadding.Height
            ),
            Extent(
                context,
                "width",
                image.Width,
                kernel.Width,
                stride.Width,
                dilation.Width,
                padding.Left,
                padding.Right,
                OutputPadding.Width
            )
        );
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        Window.Write(writer, withKernel: true);
        if (OutputPadding != default)
            writer.Write("output_padding", OutputPadding.Height, OutputPadding.Width);
        if (Groups != 1)
            writer.Write("groups", Groups);
        Activation.Write(writer);
    }

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Weight = rename(new("weight", Weight)),
            Bias = Bias is null ? null : rename(new("bias", Bias)),
        };

    private static int Extent(
        ShapeContext context,
        string axis,
        int input,
        int kernel,
        int stride,
        int dilation,
        int before,
        int after,
        int outputPadding
    )
    {
        var extent = ((input - 1L) * stride) + ((kernel - 1L) * dilation) + 1 + outputPadding - before - after;
        if (extent < 1)
            throw context.Error(
                FormattableString.Invariant($"a result of {extent} along the {axis}"),
                "padding that leaves at least one row and column"
            );
        return (int)Math.Min(extent, int.MaxValue);
    }

    internal static Operator Read(IAttributeReader reader)
    {
        var outputPadding = reader.Integers("output_padding", 2);
        return new ConvTranspose2d
        {
            Weight = reader.Parameter("weight"),
            Bias = reader.OptionalParameter("bias"),
            Window = Window.Read(reader, kernel: null),
            OutputPadding = outputPadding is null ? default : new Extent(outputPadding[0], outputPadding[1]),
            Groups = reader.Integer("groups", 1),
            Activation = Activation.Read(reader),
        };
    }
}
