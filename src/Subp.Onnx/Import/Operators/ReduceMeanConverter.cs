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
            "global_avg_pool, and flatten without keepdims",
            "Over exactly the height and width of an image, the axes as attribute or constant input."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, node.Opset >= AxesInputOpset ? 2 : 1);
        var image = node.Image(0);
        var axes = Axes.Read(node, rank: 4, AxesInputOpset, inputIndex: 1);
        node.Attributes.Ignore("noop_with_empty_axes");
        if (axes is not [2, 3])
            throw node.Unsupported(axes is null ? "no axes" : $"the axes [{string.Join(",", axes)}]", "[2,3]");
        if (node.Attributes.Switch("keepdims", true))
            node.Emit(new GlobalAveragePool(), image);
        else
            node.Emit(new Flatten(), node.EmitIntermediate("pool", new GlobalAveragePool(), image));
    }
}
