using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>ConvTranspose over images and lines.</summary>
internal sealed class ConvTransposeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "ConvTranspose",
            "conv_transpose2d, between two reshapes for one dimension or three",
            "One or two spatial dimensions, or three with a depth of 1; any kernel, strides, pads, auto_pad, "
                + "output_padding, output_shape, dilations and groups; "
                + "constant weight and bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        var (image, spatial) = Lines.Read(node);
        var weight = node.Constant(1, "weight");
        if (weight.Dimensions.Count != spatial + 2)
            throw node.Unsupported($"a weight of shape [{string.Join(",", weight.Dimensions)}]", "[in,out/groups,...]");
        var kernel = KernelWeight.Taps(node, weight, spatial);
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
