namespace Subp.Compiler.Planning.Layers;

/// <summary>Softmax over the features of each row. Tasks: 1 x images.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record SoftmaxPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <inheritdoc/>
    protected override string OperationName => "softmax";
}
