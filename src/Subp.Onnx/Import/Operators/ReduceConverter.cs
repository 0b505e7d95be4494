using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>A reduction over any axes; the mean over the planes of an image is global pooling.</summary>
/// <param name="kind">How elements are combined.</param>
internal sealed class ReduceConverter(ReduceKind kind) : OperatorConverter
{
    private readonly int _axesInputOpset = kind == ReduceKind.Sum ? 13 : 18;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            Export.ReductionWriters.Name(kind),
            kind == ReduceKind.Mean
                ? "global_avg_pool over the planes of images, else reduce_mean"
                : new Reduce { Kind = kind, Axes = new int[0] }.Mnemonic,
            "Any axes, as attribute or constant input; nothing for no axes with noop_with_empty_axes."
                + (IsExtreme(kind) ? " Also of quantised bytes." : "")
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, node.Opset >= _axesInputOpset ? 2 : 1);
        var rank = NodeContext.DimensionsOf(node.Input(0, "input")).Length;
        var keeps = node.Attributes.Switch("keepdims", true);
        var axes = Axes.Reduced(node, rank, _axesInputOpset);
        if (axes.Length == 0)
        {
            node.Define(node.Input(0, "input"));
            return;
        }

        if (IsExtreme(kind) && node.ValueOfAnyKind(0) is { Kind: ElementKind.Byte } bytes)
        {
            ByteOperands.Emit(node, bytes, [bytes], numbers => node.EmitIntermediate("extreme", Reduction(), numbers), advice: "");
            return;
        }

        var value = node.Value(0);
        if (kind == ReduceKind.Mean && value.Shape.IsImage && axes is [2, 3])
        {
            if (keeps)
                node.Emit(new GlobalAveragePool(), value);
            else
                node.Emit(new Flatten(), node.EmitIntermediate("pool", new GlobalAveragePool(), value));
            return;
        }

        node.Emit(Reduction(), value);

        Reduce Reduction() =>
            new()
            {
                Kind = kind,
                Axes = axes,
                KeepDimensions = keeps,
            };
    }

    private static bool IsExtreme(ReduceKind kind) => kind is ReduceKind.Maximum or ReduceKind.Minimum;
}
