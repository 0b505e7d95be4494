using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>BatchNormalization with its stored statistics.</summary>
internal sealed class BatchNormalizationConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new("BatchNormalization", "batch_norm", "Inference form with constant scale, shift, mean and variance.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(5, 5);
        if (node.Attributes.Switch("training_mode", false))
            throw node.Unsupported("training_mode = 1", "training_mode = 0", "Export the model in evaluation mode.");
        node.Attributes.Ignore("momentum");
        var input = node.Value(0);
        var epsilon = node.Attributes.Real("epsilon", BatchNorm.DefaultEpsilon);
        node.Emit(
            new BatchNorm
            {
                Scale = node.Parameter(node.Constant(1, "scale")),
                Shift = node.Parameter(node.Constant(2, "shift")),
                Mean = node.Parameter(node.Constant(3, "mean")),
                Variance = node.Parameter(node.Constant(4, "variance")),
                Epsilon = epsilon,
            },
            input
        );
    }
}
