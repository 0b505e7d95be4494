namespace Subp.Compiler.Planning;

/// <summary>
/// A rectangle of a layer's task grid: groups of output channels x tiles of pixels. What one group and one tile are is up to the kernel.
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
