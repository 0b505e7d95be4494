namespace Subp.Core.Graphs;

/// <summary>An input of the network.</summary>
/// <param name="Name">The name of the value.</param>
/// <param name="Shape">Its shape, batch included.</param>
public sealed record GraphInput(string Name, TensorShape Shape)
{
    /// <summary>The type of its elements.</summary>
    public TensorType Type { get; init; } = TensorType.Float32;
}
