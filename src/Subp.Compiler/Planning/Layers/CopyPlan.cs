using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Layers;

/// <summary>
/// A copy between layouts: the caller's dense NCHW to planar or blocked, blocked or padded vectors to dense NCHW, flattening, and
/// vectors to images.
/// </summary>
/// <param name="Frame">What every step has.</param>
public sealed record CopyPlan(LayerFrame Frame) : SimplePlan(Frame)
{
    /// <summary>The shape that is copied, before flattening or after a vector became an image.</summary>
    public required TensorShape Shape { get; init; }

    /// <inheritdoc/>
    protected override string OperationName => $"copy_{LayoutWord(Inputs[0])}_to_{LayoutWord(Output)}";

    private static string LayoutWord(BufferPlan? buffer) => (buffer?.Layout ?? Layout.Nchw).ToString().ToLowerInvariant();
}
