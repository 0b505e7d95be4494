using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>Reads the attributes that convolution and pooling share: kernel, strides, dilations, and padding in its three forms.</summary>
internal static class WindowReader
{
    // Far beyond any real layer, and small enough that no sum or product of two of them leaves 64 bits or one padded extent 32 bits.
    internal const int LargestExtent = 1 << 20;

    /// <summary>The kernel as the attribute <c>kernel_shape</c> gives it, or null where absent.</summary>
    /// <param name="node">The node.</param>
    /// <param name="spatial">
    /// The number of spatial dimensions: 2, or 1 for a line, which is the one row of an image.
    /// </param>
    public static Extent? Kernel(NodeContext node, int spatial) => Pair(node, "kernel_shape", spatial);

    /// <summary>The whole window over an image; <c>auto_pad</c> is resolved as the standard says.</summary>
    public static Window Read(NodeContext node, Extent kernel, TensorShape image, int spatial)
    {
        var stride = Pair(node, "strides", spatial) ?? Extent.One;
        var dilation = Pair(node, "dilations", spatial) ?? Extent.One;
        var pads = node.Attributes.Integers("pads", 2 * spatial, 0, LargestExtent);
        if (pads is [var before, var after])
            pads = [0, before, 0, after];
        var mode = node.Attributes.Text("auto_pad", "NOTSET");
        var window = new Window(kernel, stride, pads is null ? Padding.None : new Padding(pads[0], pads[1], pads[2], pads[3]), dilation);
        switch (mode)
        {
            case "NOTSET":
                return window;
            case "VALID":
                return window with { Padding = Padding.None };
            case "SAME_UPPER":
            case "SAME_LOWER":
                var (top, bottom) = Same(image.Height, kernel.Height, stride.Height, dilation.Height, mode == "SAME_LOWER");
                var (left, right) = Same(image.Width, kernel.Width, stride.Width, dilation.Width, mode == "SAME_LOWER");
                return window with { Padding = new Padding(top, left, bottom, right) };
            default:
                throw node.Attributes.Invalid($"auto_pad = '{mode}'", "NOTSET, VALID, SAME_UPPER or SAME_LOWER");
        }
    }

    /// <summary>
    /// Padding at the end such that rounding down gives the output that <c>ceil_mode</c> asks for. A last window that would start in the
    /// padding is dropped, as in PyTorch and ONNX Runtime, so every window holds an element of the image.
    /// </summary>
    public static Window RoundUp(Window window, TensorShape image) =>
        window with
        {
            Padding = window.Padding with
            {
                Bottom = EndPadding(
                    image.Height,
                    window.Kernel.Height,
                    window.Stride.Height,
                    window.Dilation.Height,
                    window.Padding.Top,
                    window.Padding.Bottom
                ),
                Right = EndPadding(
                    image.Width,
                    window.Kernel.Width,
                    window.Stride.Width,
                    window.Dilation.Width,
                    window.Padding.Left,
                    window.Padding.Right
                ),
            },
        };

    /// <summary>Requires of a pool that no window holds padding alone.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">A pad is as large as the window.</exception>
    public static void RequireElements(NodeContext node, Window window)
    {
        var (kernel, dilation, padding) = (window.Kernel, window.Dilation, window.Padding);
        var (rows, columns) = (((kernel.Height - 1L) * dilation.Height) + 1, ((kernel.Width - 1L) * dilation.Width) + 1);
        if (Math.Max(padding.Top, padding.Bottom) >= rows || Math.Max(padding.Left, padding.Right) >= columns)
            throw node.Unsupported(
                FormattableString.Invariant(
                    $"pads [{padding.Top},{padding.Left},{padding.Bottom},{padding.Right}] around a window over {rows} x {columns} elements"
                ),
                "pads smaller than the window",
                "A window that holds padding alone has no result, and ONNX Runtime refuses it, too: make the pads smaller, or put a Pad in "
                    + "front of the pool."
            );
    }

    /// <summary>A list of one or two extents.</summary>
    public static Extent? Pair(NodeContext node, string name, int spatial, int minimum = 1) =>
        node.Attributes.Integers(name, spatial, minimum, LargestExtent) switch
        {
            [var height, var width] => new Extent(height, width),
            [var width] => new Extent(name == "output_padding" ? 0 : 1, width),
            _ => null,
        };

    /// <summary>The padding of one axis that <c>auto_pad</c> asks for with SAME.</summary>
    internal static (int Before, int After) Same(int input, int kernel, int stride, int dilation, bool lower)
    {
        var output = ((input - 1L) / stride) + 1;
        var total = (int)Math.Clamp(((output - 1) * stride) + ((kernel - 1L) * dilation) + 1 - input, 0, int.MaxValue / 4);
        return lower ? (total - (total / 2), total / 2) : (total / 2, total - (total / 2));
    }

    /// <summary>The padding at the end of one axis with which rounding down gives what <c>ceil_mode</c> asks for.</summary>
    internal static int EndPadding(int input, int kernel, int stride, int dilation, int before, int after)
    {
        var span = ((kernel - 1L) * dilation) + 1;
        var room = (long)input + before + after - span;
        // A plane that is smaller than the window has one all the same, as long as rounding up makes it one.
        if (room <= -stride || room % stride == 0)
            return after;
        var last = room < 0 ? 0 : ((room / stride) + 1) * stride;
        return last >= (long)input + before ? after : (int)(last + span - input - before);
    }
}
