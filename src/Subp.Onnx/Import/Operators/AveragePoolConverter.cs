using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Import.Volumes;

namespace Subp.Onnx.Import.Operators;

/// <summary>AveragePool over images and lines.</summary>
internal sealed class AveragePoolConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "AveragePool",
            "avg_pool, or conv2d and mul where the window has dilations",
            "One to three spatial dimensions; any kernel, strides, auto_pad, pads smaller than the window, count_include_pad, "
                + "ceil_mode; dilations but for volumes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        if (node.ValueOfAnyKind(0, "volume").Shape.Rank == 5)
        {
            VolumePooling.Convert(node, node.Value(0, "volume"), PoolKind.Average);
            return;
        }

        var (image, spatial) = Lines.Read(node);
        var pool = Read(node, image.Shape, spatial);
        if (pool.Window.Dilation != Extent.One)
            DilatedMean.Emit(node, image, spatial, pool.Window, pool.CountIncludesPadding, pool.Overhang);
        else
            Lines.Emit(node, node.OutputName, spatial, pool, image);
    }

    /// <summary>What the attributes say.</summary>
    public static Pool2d Read(NodeContext node, TensorShape image, int spatial)
    {
        var kernel = WindowReader.Kernel(node, spatial) ?? throw node.Attributes.Invalid("no kernel_shape", "kernel_shape");
        var window = WindowReader.Read(node, kernel, image, spatial);
        WindowReader.RequireElements(node, window);
        var countsPadding = node.Attributes.Switch("count_include_pad", false);
        var overhang = default(Extent);
        if (node.Attributes.Switch("ceil_mode", false))
        {
            // The rows that rounding adds are no padding of the model and are not counted.
            var rounded = WindowReader.RoundUp(window, image);
            if (countsPadding)
                overhang = new Extent(rounded.Padding.Bottom - window.Padding.Bottom, rounded.Padding.Right - window.Padding.Right);
            window = rounded;
        }

        return new Pool2d
        {
            Kind = PoolKind.Average,
            Window = window,
            CountIncludesPadding = countsPadding,
            Overhang = overhang,
        };
    }
}
