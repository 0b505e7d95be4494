using Subp.Core.Operators;
using Subp.Onnx.Import.Volumes;

namespace Subp.Onnx.Import.Operators;

/// <summary>Conv over images and lines.</summary>
internal sealed class ConvConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Conv",
            "conv2d, between two reshapes for one dimension, on the images of a volume for three",
            "One to three spatial dimensions; any kernel, strides, pads (also asymmetric), auto_pad, dilations and groups; "
                + "constant weight and bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        if (node.ValueOfAnyKind(0, "volume").Shape.Rank == 5 && node.Constant(1, "weight") is { Dimensions.Count: 5 } deep)
        {
            VolumeConvolution.Convert(node, node.Value(0, "volume"), deep);
            return;
        }

        var (image, spatial) = Lines.Read(node);
        var weight = node.Constant(1, "weight");
        if (weight.Dimensions.Count != spatial + 2)
            throw node.Unsupported(
                $"a weight of shape [{string.Join(",", weight.Dimensions)}]",
                spatial == 1 ? "[out,in/groups,length]" : "[out,in/groups,height,width]"
            );
        var kernel = KernelWeight.Taps(weight, spatial);
        if (WindowReader.Kernel(node, spatial) is { } declared && declared != kernel)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"kernel_shape = [{declared.Height},{declared.Width}]"),
                FormattableString.Invariant($"the extents of the weight [{kernel.Height},{kernel.Width}]")
            );
        var window = WindowReader.Read(node, kernel, image.Shape, spatial);
        var groups = node.Attributes.Integer("group", 1, minimum: 1);
        var parameter = KernelWeight.Declare(node, weight);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), weight.Shape[0], trailing: spatial);
        Lines.Emit(
            node,
            output,
            spatial,
            new Conv2d
            {
                Weight = parameter,
                Bias = bias,
                Window = window,
                Groups = groups,
            },
            image
        );
    }
}
