namespace Subp.Onnx.Import.Operators;

/// <summary>Dropout, which does nothing in inference.</summary>
internal sealed class DropoutConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Dropout", "nothing", "Inference form, without the output of the mask.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 3);
        node.Attributes.Ignore("ratio", "seed");
        OldTraining.Refuse(node);
        // Nothing is dropped at the rate 0 even in training; torchvision exports its Swin transformers so.
        var dropsNothing = node.OptionalConstant(1, "ratio")?.ToNumbers() is [0];
        if (!dropsNothing && node.OptionalConstant(2, "training_mode")?.ToBoolean() == true)
            throw node.Unsupported("training_mode = true", "training_mode = false", "Export the model in evaluation mode.");
        node.Define(node.Input(0, "input"));
    }
}
