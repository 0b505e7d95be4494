using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>ReduceMean over height and width: x.mean([2, 3]) of PyTorch.</summary>
internal sealed class ReduceMeanConverter : OperatorConverter
{
    private const int AxesInputOpset = 18;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "ReduceMean",
            "global_avg_pool, and flatten without keepdims; a constant",
            "Constants; of computed values, exactly the height and width of an image, the axes as attribute or constant input, or no axes "
                + "with noop_with_empty_axes."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, node.Opset >= AxesInputOpset ? 2 : 1);
        var input = node.Input(0, "input");
        var axes = Axes.Reduced(node, NodeContext.DimensionsOf(input).Length, AxesInputOpset);
        var keepsDimensions = node.Attributes.Switch("keepdims", true);
        if (axes.Length == 0)
        {
            node.Define(input);
            return;
        }

        var image = node.Image(0);
        if (axes is not [2, 3])
            throw node.Unsupported($"the axes [{string.Join(",", axes)}]", "[2,3]");
        if (keepsDimensions)
            node.Emit(new GlobalAveragePool(), image);
        else
            node.Emit(new Flatten(), node.EmitIntermediate("pool", new GlobalAveragePool(), image));
    }
}
