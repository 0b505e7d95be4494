using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Reads the window of a ConvTranspose, whose padding may follow from a wanted size of the result.</summary>
internal static class TransposedWindow
{
    /// <summary>The window and what is added to the result below and to the right.</summary>
    public static (Window Window, Extent OutputPadding) Read(NodeContext node, Extent kernel, TensorShape image, int spatial)
    {
        var outputPadding = WindowReader.Pair(node, "output_padding", spatial, minimum: 0) ?? default;
        var mode = node.Attributes.Text("auto_pad", "NOTSET");
        var wanted = WindowReader.Pair(node, "output_shape", spatial);
        var stride = WindowReader.Pair(node, "strides", spatial) ?? Extent.One;
        if (wanted is null && mode is "SAME_UPPER" or "SAME_LOWER")
            wanted = new Extent(Product(image.Height, stride.Height), Product(image.Width, stride.Width));
        if (wanted is not { } size || mode == "VALID")
            return (WindowReader.Read(node, kernel, image, spatial), outputPadding);
        node.Attributes.Ignore("pads");
        var dilation = WindowReader.Pair(node, "dilations", spatial) ?? Extent.One;
        var isUpper = mode == "SAME_UPPER";
        var (top, bottom, addedRows) = Split(
            image.Height,
            kernel.Height,
            stride.Height,
            dilation.Height,
            outputPadding.Height,
            size.Height,
            isUpper
        );
        var (left, right, addedColumns) = Split(
            image.Width,
            kernel.Width,
            stride.Width,
            dilation.Width,
            outputPadding.Width,
            size.Width,
            isUpper
        );
        return (new Window(kernel, stride, new Padding(top, left, bottom, right), dilation), new Extent(addedRows, addedColumns));
    }

    // The padding that makes the result as large as wanted; where it would be negative, the result grows at the end instead.
    private static (int Before, int After, int Added) Split(
        int input,
        int kernel,
        int stride,
        int dilation,
        int outputPadding,
        int wanted,
        bool isUpper
    )
    {
        var total = ((input - 1L) * stride) + outputPadding + ((kernel - 1L) * dilation) + 1 - wanted;
        var padding = (int)Math.Clamp(total, 0, int.MaxValue / 4);
        var added = outputPadding + (int)Math.Clamp(-total, 0, int.MaxValue / 4);
        return isUpper ? (padding / 2, padding - (padding / 2), added) : (padding - (padding / 2), padding / 2, added);
    }

    private static int Product(int extent, int stride) => (int)Math.Min((long)extent * stride, int.MaxValue);
}
