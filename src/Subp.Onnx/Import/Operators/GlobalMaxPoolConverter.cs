using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>GlobalMaxPool over images.</summary>
internal sealed class GlobalMaxPoolConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("GlobalMaxPool", "max_pool", "Two spatial dimensions.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var image = node.Image(0);
        var whole = new Extent(image.Shape.Height, image.Shape.Width);
        node.Emit(new Pool2d { Kind = PoolKind.Maximum, Window = new Window(whole, Extent.One, Padding.None, Extent.One) }, image);
    }
}
