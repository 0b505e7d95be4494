namespace Subp.Roslyn;

/// <summary>An input or output of a compiled model.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">Its shape, outermost dimension first.</param>
public sealed record ModelPort(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>The number of floats.</summary>
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);
}
