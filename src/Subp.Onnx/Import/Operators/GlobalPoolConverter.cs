using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>GlobalAveragePool, GlobalMaxPool and GlobalLpPool over all spatial dimensions.</summary>
/// <param name="name">The ONNX operator.</param>
internal sealed class GlobalPoolConverter(string name) : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        name switch
        {
            "GlobalAveragePool" => new(name, "global_avg_pool for images, else reduce_mean", "Any number of spatial dimensions."),
            "GlobalMaxPool" => new(name, "max_pool for images, else reduce_max", "Any number of spatial dimensions."),
            _ => new(name, "reduce_l1 or reduce_l2", "Any number of spatial dimensions; p = 1 or 2."),
        };

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        var value = node.Value(0);
        var shape = value.Shape;
        if (shape.Rank < 3)
            throw node.Unsupported($"an input of shape {shape}", "[batch,channels,...]");
        var whole = new Extent(shape.IsImage ? shape.Height : 1, shape.IsImage ? shape.Width : 1);
        node.Emit(
            name switch
            {
                "GlobalAveragePool" when shape.IsImage => new GlobalAveragePool(),
                "GlobalMaxPool" when shape.IsImage => new Pool2d
                {
                    Kind = PoolKind.Maximum,
                    Window = new Window(whole, Extent.One, Padding.None, Extent.One),
                },
                "GlobalAveragePool" => Reduction(ReduceKind.Mean, shape.Rank),
                "GlobalMaxPool" => Reduction(ReduceKind.Maximum, shape.Rank),
                _ => Reduction(node.Attributes.Integer("p", 2, 1, 2) == 1 ? ReduceKind.L1 : ReduceKind.L2, shape.Rank),
            },
            value
        );
    }

    private static Reduce Reduction(ReduceKind kind, int rank) => new() { Kind = kind, Axes = Enumerable.Range(2, rank - 2).ToArray() };
}
