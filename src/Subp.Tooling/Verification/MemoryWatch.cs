namespace Subp.Tooling.Verification;

/// <summary>
/// Watches how much memory the process holds while something is done. The system's own high-water mark would be that of the whole process,
/// and the models of a folder share one.
/// </summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _watcher;
    private long _peak;

    private MemoryWatch()
    {
        // A thread of its own: those of the pool are busy with what is watched.
        _watcher = new Thread(Watch) { IsBackground = true, Name = "memory watch" };
        _watcher.Start();
    }

    /// <summary>The most bytes in physical memory so far, the runtime's own included.</summary>
    public long PeakBytes => Volatile.Read(ref _peak);

    /// <summary>Gives back what earlier work left behind, and begins.</summary>
    public static MemoryWatch Start()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new MemoryWatch();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended.Set();
        _watcher.Join();
        _ended.Dispose();
    }

    private void Watch()
    {
        do Volatile.Write(ref _peak, Math.Max(_peak, Environment.WorkingSet));
        while (!_ended.Wait(Interval));
    }
}
