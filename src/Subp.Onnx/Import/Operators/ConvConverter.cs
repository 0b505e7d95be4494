using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>Conv over images.</summary>
internal sealed class ConvConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Conv",
            "conv2d",
            "Two spatial dimensions; any kernel, strides, pads (also asymmetric), auto_pad, dilations and groups; constant weight and bias."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(2, 3);
        var image = node.Image(0);
        var weight = node.Constant(1, "weight");
        if (weight.Dimensions.Count != 4)
            throw node.Unsupported($"a weight of shape [{string.Join(",", weight.Dimensions)}]", "[out,in/groups,height,width]");
        var kernel = new Extent(weight.Shape.Height, weight.Shape.Width);
        if (WindowReader.Kernel(node) is { } declared && declared != kernel)
            throw node.Attributes.Invalid(
                FormattableString.Invariant($"kernel_shape = [{declared.Height},{declared.Width}]"),
                FormattableString.Invariant($"the extents of the weight [{kernel.Height},{kernel.Width}]")
            );
        var window = WindowReader.Read(node, kernel, image.Shape);
        var groups = node.Attributes.Integer("group", 1, minimum: 1);
        var parameter = node.Parameter(weight);
        var (output, bias) = Bias.Find(node, node.OptionalConstant(2, "bias"), weight.Shape[0], trailing: 2);
        node.EmitAs(
            output,
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
