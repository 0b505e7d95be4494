using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.IndexedCopies;

/// <summary>Single elements that computed indices choose, one for each index. A task is a row of the innermost loop.</summary>
/// <param name="Frame">What every step has.</param>
internal sealed record IndexedElementPlan(LayerFrame Frame) : IndexedPlan(Frame)
{
    /// <summary>
    /// The loops over the indices, outermost first: how many steps, and how far one goes in the value along axes other than that of the
    /// indices.
    /// </summary>
    public required IReadOnlyList<(int Extent, int Stride)> Loops { get; init; }

    /// <summary>The extent of the axis that they are indices of.</summary>
    public required int Extent { get; init; }

    /// <summary>The elements behind each index of the axis.</summary>
    public required int Inner { get; init; }

    /// <inheritdoc/>
    public override int Run => Loops[Loops.Count - 1].Extent;
}
