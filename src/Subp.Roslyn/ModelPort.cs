namespace Subp.Roslyn;

/// <summary>An input or output of a compiled model.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">Its shape, outermost dimension first.</param>
public sealed record ModelPort(string Name, IReadOnlyList<int> Shape)
{
    /// <summary>True where the elements are bytes, which tools see as numbers from 0 to 255.</summary>
    public bool IsBytes { get; init; }

    /// <summary>The number of elements.</summary>
    public int Length => Shape.Aggregate(1, (product, extent) => product * extent);
}
