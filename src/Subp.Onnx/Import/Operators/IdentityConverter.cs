namespace Subp.Onnx.Import.Operators;

/// <summary>Identity: the output is another name of the input; exporters use it to share weights.</summary>
internal sealed class IdentityConverter : OperatorConverter
{
    /// <inheritdoc/>
    public override SupportedOperator Description { get; } = new("Identity", "nothing", "Any value or constant.");

    /// <inheritdoc/>
    public override void Convert(NodeContext node)
    {
        node.RequireInputs(1, 1);
        node.Define(node.Input(0, "input"));
    }
}
