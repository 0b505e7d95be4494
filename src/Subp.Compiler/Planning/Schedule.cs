namespace Subp.Compiler.Planning;

/// <summary>The static schedule for one thread count.</summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Work">
/// Per layer, per thread, the rectangles that the thread computes, in their order: at most three, none where it has nothing to do.
/// </param>
/// <param name="BarrierAfter">Per layer, whether all threads must meet before the next layer starts.</param>
public sealed record Schedule(int Threads, IReadOnlyList<IReadOnlyList<IReadOnlyList<WorkRange>>> Work, IReadOnlyList<bool> BarrierAfter)
{
    /// <summary>The number of meetings of one run.</summary>
    public int Barriers => BarrierAfter.Count(barrier => barrier);
}
