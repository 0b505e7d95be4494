namespace Subp.Tooling.Compilation;

/// <summary>The boundary between two stages that both need as much memory as the weights of a network.</summary>
internal static class LargeMemory
{
    /// <summary>
    /// Gives back what the stage before left. The collector does not know that the next stage takes native memory or mapped files, which
    /// are no part of its heap, so that it would keep hundreds of megabytes of garbage beside them. Called once between stages, never
    /// within one.
    /// </summary>
    public static void Release() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
