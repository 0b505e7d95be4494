namespace Subp.Compiler.Planning;

/// <summary>
/// The part of one layer that one thread computes: a rectangle of the layer's task grid, groups of output channels x tiles of pixels.
/// What one group and one tile are is up to the kernel. Empty where a thread has nothing to do.
/// </summary>
/// <param name="GroupFrom">First group.</param>
/// <param name="GroupTo">One past the last group.</param>
/// <param name="TileFrom">First tile.</param>
/// <param name="TileTo">One past the last tile.</param>
public readonly record struct WorkRange(int GroupFrom, int GroupTo, int TileFrom, int TileTo)
{
    /// <summary>No work.</summary>
    public static readonly WorkRange Empty;

    /// <summary>The number of tasks.</summary>
    public int Tasks => (GroupTo - GroupFrom) * (TileTo - TileFrom);
}

/// <summary>The static schedule for one thread count.</summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Work">Per layer, per thread, what the thread computes.</param>
/// <param name="BarrierAfter">Per layer, whether all threads must meet before the next layer starts.</param>
public sealed record Schedule(int Threads, IReadOnlyList<IReadOnlyList<WorkRange>> Work, IReadOnlyList<bool> BarrierAfter);
