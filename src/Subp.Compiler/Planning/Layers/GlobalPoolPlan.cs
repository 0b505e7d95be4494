namespace Subp.Compiler.Planning.Layers;

/// <summary>The mean of every channel plane. Tasks: blocks of 16 channels x images.</summary>
/// <param name="Frame">What every step has.</param>
public sealed record GlobalPoolPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <inheritdoc/>
    protected override string OperationName => "globalavgpool";
}
