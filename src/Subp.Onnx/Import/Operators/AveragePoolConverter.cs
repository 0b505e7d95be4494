using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>AveragePool over images.</summary>
internal sealed class AveragePoolConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("AveragePool", "avg_pool",
        "Two spatial dimensions; any kernel, strides, auto_pad, pads smaller than the window, count_include_pad, without dilation; ceil_mode unless it "
        + "adds a window and count_include_pad is set.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var image = node.Image(0);
        var kernel = WindowReader.Kernel(node) ?? throw node.Attributes.Invalid("no kernel_shape", "kernel_shape");
        var window = WindowReader.Read(node, kernel, image.Shape);
        if (window.Dilation != Extent.One)
            throw node.Unsupported(FormattableString.Invariant($"dilations [{window.Dilation.Height},{window.Dilation.Width}]"), "[1,1]");
        var countsPadding = node.Attributes.Switch("count_include_pad", false);
        if (node.Attributes.Switch("ceil_mode", false))
        {
            var rounded = WindowReader.RoundUp(window, image.Shape);

            // The rows that rounding adds are no padding of the model and must not be counted; one divisor per window cannot say both.
            if (countsPadding && rounded != window)
                throw node.Unsupported("ceil_mode = 1 that adds a window, with count_include_pad = 1", "one of the two", "Export with ceil_mode=False.");
            window = rounded;
        }

        node.Emit(new Pool2d { Kind = PoolKind.Average, Window = window, CountIncludesPadding = countsPadding }, image);
    }
}
