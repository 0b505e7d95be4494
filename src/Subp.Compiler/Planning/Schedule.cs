namespace Subp.Compiler.Planning;

/// <summary>The static schedule for one thread count.</summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Work">
/// Per layer, per thread, the rectangles that the thread computes, in their order: at most three, none where it has nothing to do.
/// </param>
/// <param name="BarrierAfter">Per layer, whether a barrier lies between it and the next one.</param>
public sealed record Schedule(int Threads, IReadOnlyList<IReadOnlyList<IReadOnlyList<WorkRange>>> Work, IReadOnlyList<bool> BarrierAfter)
{
    /// <summary>The number of barriers of one run.</summary>
    public int Barriers => BarrierAfter.Count(barrier => barrier);

    /// <summary>The first layer of each phase: of all layers up to the next barrier.</summary>
    public IReadOnlyList<int> PhaseStarts =>
        [.. Enumerable.Range(0, BarrierAfter.Count).Where(layer => layer == 0 || BarrierAfter[layer - 1])];
}
