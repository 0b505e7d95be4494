namespace WebApi.Metrics;

/// <summary>Memory and collections of the process, under the names that the Prometheus clients of other languages use.</summary>
public static class ProcessMetrics
{
    /// <summary>Writes the figures of this moment.</summary>
    public static void WriteTo(PrometheusText text)
    {
        text.Gauge("process_resident_memory_bytes", "The working set.", Environment.WorkingSet);
        text.Gauge(
            "dotnet_gc_heap_bytes",
            "Managed memory in use, garbage since the last collection included.",
            GC.GetTotalMemory(forceFullCollection: false)
        );
        var last = GC.GetGCMemoryInfo(GCKind.Any);
        text.Gauge("dotnet_gc_live_bytes", "Managed memory that the last collection left.", last.HeapSizeBytes - last.FragmentedBytes);
        text.Head("dotnet_gc_collections_total", "Collections by generation.", "counter");
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            text.Line($"dotnet_gc_collections_total{{generation=\"{generation}\"}}", GC.CollectionCount(generation));
        text.Gauge("dotnet_threadpool_threads", "Threads of the pool.", ThreadPool.ThreadCount);
    }
}
