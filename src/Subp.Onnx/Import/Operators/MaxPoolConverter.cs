using Subp.Core.Operators;
using Subp.Onnx.Import.Volumes;

namespace Subp.Onnx.Import.Operators;

/// <summary>MaxPool over images and lines.</summary>
internal sealed class MaxPoolConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "MaxPool",
            "max_pool",
            "Of numbers and, but for volumes, of quantised bytes. One to three spatial dimensions; any kernel, strides, dilations, "
                + "ceil_mode, auto_pad, and pads smaller than the window; without the output of indices."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        if (node.ValueOfAnyKind(0, "volume").Shape.Rank == 5)
        {
            VolumePooling.Convert(node, node.Value(0, "volume"), PoolKind.Maximum);
            return;
        }

        var (image, spatial) = Lines.Read(node, takesBytes: true);
        var kernel = WindowReader.Kernel(node, spatial) ?? throw node.Attributes.Invalid("no kernel_shape", "kernel_shape");
        var window = WindowReader.Read(node, kernel, image.Shape, spatial);
        WindowReader.RequireElements(node, window);
        if (node.Attributes.Switch("ceil_mode", false))
            window = WindowReader.RoundUp(window, image.Shape);
        node.Attributes.Ignore("storage_order");
        Lines.Emit(node, node.OutputName, spatial, new Pool2d { Kind = PoolKind.Maximum, Window = window }, image);
    }
}
