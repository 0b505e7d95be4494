namespace Subp.Onnx.Import.Operators;

/// <summary>Reshape to a constant shape.</summary>
internal sealed class ReshapeConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "Reshape",
            "flatten or reshape, nothing where the shape stays, or a part of channel_shuffle",
            "Constant shape, with 0 and -1 as the standard says."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(node.Opset < Reshaping.ShapeInputOpset ? 1 : 2, 2);
        var input = node.Input(0, "input");
        Reshaping.Convert(node, input, Reshaping.Target(node, NodeContext.DimensionsOf(input)));
    }
}
