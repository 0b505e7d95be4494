namespace Subp.Compiler.Planning.Scheduling;

/// <summary>A stretch of the arena, in floats.</summary>
/// <param name="From">The first.</param>
/// <param name="To">One past the last.</param>
public readonly record struct ArenaSpan(int From, int To);
