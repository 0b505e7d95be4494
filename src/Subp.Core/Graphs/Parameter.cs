using Subp.Core.Sparsity;

namespace Subp.Core.Graphs;

/// <summary>
/// The declaration of a weight: its name, its dense shape and, for a 1xN block-sparse weight, its kept blocks. Values live elsewhere.
/// </summary>
/// <param name="Name">The name, unique among parameters; the key of the values in the weights file.</param>
/// <param name="Shape">The dense shape: [out, in / groups, kernel height, kernel width] for a convolution, [out, in] for a linear
/// layer.</param>
/// <param name="Pattern">The kept blocks, or null for a dense weight.</param>
public sealed record Parameter(string Name, TensorShape Shape, BlockPattern? Pattern = null)
{
    /// <summary>What one element is.</summary>
    public ElementType Element { get; init; }

    /// <summary>
    /// How many bits each value takes in the weights file, 2 to 8; null where values are stored as they are. Such a value is an integer
    /// that its bits hold with both signs, times, where elements are floats, the scale of its output channel.
    /// </summary>
    public int? Bits { get; init; }
}
