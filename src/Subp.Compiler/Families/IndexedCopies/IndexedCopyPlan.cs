using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>
/// Runs of neighbouring elements that computed indices choose. A task is what one index, or one tuple of them, takes for one position of
/// the axes in front of its own.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IndexedCopyPlan(LayerFrame Frame) : IndexedPlan(Frame)
{
    /// <summary>How many indices or tuples of them there are for each position of the axes in front.</summary>
    public required int Positions { get; init; }

    /// <summary>The extents of the axes that they are indices of, one for each index of a tuple.</summary>
    public required IReadOnlyList<int> Extents { get; init; }

    /// <summary>True where all positions of the axes in front have the same indices, otherwise each has its own.</summary>
    public required bool SharesIndices { get; init; }

    /// <summary>The elements behind each index.</summary>
    public required int Inner { get; init; }

    /// <inheritdoc/>
    public override int Run => Inner;
}
