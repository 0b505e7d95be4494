using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import.Volumes;

/// <summary>A kernel that slides over a volume: along its depth, and over the images that lie behind each other in it.</summary>
/// <param name="Depth">Along the depth.</param>
/// <param name="Plane">Over the images.</param>
internal readonly record struct VolumeWindow(AxisWindow Depth, Window Plane)
{
    private const int Axes = 3;
    private const int MostTaps = 1 << 16;

    /// <summary>Reads the attributes of a convolution or a pool over a volume.</summary>
    /// <param name="node">The node.</param>
    /// <param name="kernel">The extents of the kernel: depth, height, width.</param>
    /// <param name="volume">The shape of the input, [batch,channels,depth,height,width].</param>
    /// <exception cref="Core.Diagnostics.SubpException">An attribute is invalid, or the kernel does not fit.</exception>
    public static VolumeWindow Read(NodeContext node, IReadOnlyList<int> kernel, TensorShape volume)
    {
        int[] one = [1, 1, 1];
        var strides = node.Attributes.Integers("strides", Axes, 1, WindowReader.LargestExtent) ?? one;
        var dilations = node.Attributes.Integers("dilations", Axes, 1, WindowReader.LargestExtent) ?? one;
        var pads = node.Attributes.Integers("pads", 2 * Axes, 0, WindowReader.LargestExtent) ?? new int[2 * Axes];
        var mode = node.Attributes.Text("auto_pad", "NOTSET");
        var ceils = node.Attributes.Switch("ceil_mode", false);
        var axes = new AxisWindow[Axes];
        for (var axis = 0; axis < Axes; axis++)
        {
            var extent = volume[2 + axis];
            var (before, after) = mode switch
            {
                "NOTSET" => (pads[axis], pads[Axes + axis]),
                "VALID" => (0, 0),
                "SAME_UPPER" or "SAME_LOWER" => WindowReader.Same(
                    extent,
                    kernel[axis],
                    strides[axis],
                    dilations[axis],
                    mode == "SAME_LOWER"
                ),
                _ => throw node.Attributes.Invalid($"auto_pad = '{mode}'", "NOTSET, VALID, SAME_UPPER or SAME_LOWER"),
            };
            if (ceils)
                after = WindowReader.EndPadding(extent, kernel[axis], strides[axis], dilations[axis], before, after);
            axes[axis] = new AxisWindow(kernel[axis], strides[axis], dilations[axis], before, after);
        }

        return new VolumeWindow(
            axes[0],
            new Window(
                new Extent(axes[1].Kernel, axes[2].Kernel),
                new Extent(axes[1].Stride, axes[2].Stride),
                new Padding(axes[1].Before, axes[2].Before, axes[1].After, axes[2].After),
                new Extent(axes[1].Dilation, axes[2].Dilation)
            )
        );
    }

    /// <summary>Requires a position along the depth, and no more taps than indices may have.</summary>
    /// <param name="node">The node.</param>
    /// <param name="volume">The shape of the input.</param>
    /// <param name="positions">The number of positions.</param>
    /// <exception cref="Core.Diagnostics.SubpException">There is none, or there are too many taps.</exception>
    public void RequirePositions(NodeContext node, TensorShape volume, long positions)
    {
        if (positions < 1)
            throw node.Unsupported(
                FormattableString.Invariant($"a kernel over {Depth.Span} images of a volume of {volume[2]}"),
                "a volume that is as deep as the kernel, padding included"
            );
        if (positions > MostTaps / Depth.Kernel)
            throw node.Unsupported(
                FormattableString.Invariant($"{positions} positions of {Depth.Kernel} taps along the depth"),
                FormattableString.Invariant($"at most {MostTaps} taps")
            );
    }
}
