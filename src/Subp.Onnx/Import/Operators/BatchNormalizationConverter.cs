using Subp.Core.Operators;

namespace Subp.Onnx.Import.Operators;

/// <summary>BatchNormalization with its stored statistics.</summary>
internal sealed class BatchNormalizationConverter : OperatorConverter
{
    private const int TrainingModeOpset = 14;

    /// <inheritdoc/>
    public override SupportedOperator Description { get; } =
        new(
            "BatchNormalization",
            "batch_norm",
            "Inference form with constant scale, shift, mean and variance; before opset 14 that means one output."
        );

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(5, 5);
        if (node.Attributes.Switch("training_mode", false))
            throw node.Unsupported("training_mode = 1", "training_mode = 0", "Export the model in evaluation mode.");
        OldTraining.Refuse(node);
        // Before the attribute training_mode there was another sign of training: the outputs for the statistics of the batch.
        var outputs = node.Node.Output.Count(output => output.Length > 0);
        if (node.Opset < TrainingModeOpset && outputs > 1)
            throw node.Unsupported(
                FormattableString.Invariant($"{outputs} named outputs, which is training mode"),
                "one output",
                "Export the model in evaluation mode."
            );
        node.Attributes.Ignore("momentum");
        var input = node.Value(0);
        // Before opset 9 the statistics could be those of every element instead of every channel; for vectors that is the same.
        if (!node.Attributes.Switch("spatial", true) && !input.Shape.IsVector)
            throw node.Unsupported("spatial = 0", "spatial = 1");
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
