using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Import.Volumes;

namespace Subp.Onnx.Import.Operators;

/// <summary>ConvTranspose over images and lines.</summary>
internal sealed class ConvTransposeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "ConvTranspose",
            "conv_transpose2d, between two reshapes for one dimension, on the images of a volume for three",
            "One to three spatial dimensions; any kernel, strides, pads, output_padding, dilations and groups; auto_pad and "
                + "output_shape but for volumes; constant weight and bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        if (node.ValueOfAnyKind(0, "volume").Shape.Rank == 5 && node.Constant(1, "weight") is { Dimensions.Count: 5 } deep)
        {
            VolumeConvolution.ConvertTransposed(node, node.Value(0, "volume"), deep);
            return;
        }

        var (image, spatial) = Lines.Read(node);
        var weight = node.Constant(1, "weight");
        if (weight.Dimensions.Count != spatial + 2)
            throw node.Unsupported($"a weight of shape [{string.Join(",", weight.Dimensions)}]", "[in,out/groups,...]");
        var kernel = KernelWeight.Taps(weight, spatial);
        if (WindowReader.Kernel(node, spatial) is { } declared && declared != kernel)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"kernel_shape = [{declared.Height},{declared.Width}]"),
                FormattableString.Invariant($"the extents of the weight [{kernel.Height},{kernel.Width}]")
            );
        var groups = node.Attributes.Integer("group", 1, minimum: 1);
        var (window, outputPadding) = TransposedWindow.Read(node, kernel, image.Shape, spatial);
        var parameter = KernelWeight.Declare(node, weight);
        var channels = (int)Math.Min((long)weight.Shape[1] * groups, TensorShape.MaximumElementCount);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), channels, trailing: spatial);
        Lines.Emit(
            node,
            output,
            spatial,
            new ConvTranspose2d
            {
                Weight = parameter,
                Bias = bias,
                Window = window,
                OutputPadding = outputPadding,
                Groups = groups,
            },
            image
        );
    }
}
