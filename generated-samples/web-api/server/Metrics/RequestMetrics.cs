using System.Globalization;

namespace WebApi.Metrics;

/// <summary>
/// Counts the requests of /classify: by status code, under way, and by duration. Counting takes no lock and allocates nothing.
/// </summary>
public sealed class RequestMetrics
{
    private static readonly double[] s_upperSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    private readonly long[] _byStatus = new long[600];
    private readonly long[] _byDuration = new long[s_upperSeconds.Length + 1];
    private long _microseconds;
    private int _inFlight;

    /// <summary>A request has begun.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A request has ended.</summary>
    public void End(int status, TimeSpan duration)
    {
        Interlocked.Decrement(ref _inFlight);
        Interlocked.Increment(ref _byStatus[Math.Clamp(status, 0, _byStatus.Length - 1)]);
        var bucket = 0;
        while (bucket < s_upperSeconds.Length && duration.TotalSeconds > s_upperSeconds[bucket])
            bucket++;
        Interlocked.Increment(ref _byDuration[bucket]);
        Interlocked.Add(ref _microseconds, (long)duration.TotalMicroseconds);
    }

    /// <summary>Writes the counters; the buckets of the histogram are cumulative, as the format has it.</summary>
    public void WriteTo(PrometheusText text)
    {
        text.Gauge("webapi_requests_in_flight", "Requests of /classify under way.", Volatile.Read(ref _inFlight));
        text.Head("webapi_requests_total", "Requests of /classify by status code.", "counter");
        for (var status = 0; status < _byStatus.Length; status++)
        {
            if (Volatile.Read(ref _byStatus[status]) is > 0 and var count)
                text.Line($"webapi_requests_total{{code=\"{status.ToString(CultureInfo.InvariantCulture)}\"}}", count);
        }

        text.Head("webapi_request_duration_seconds", "Time from the head of a request to the end of its response.", "histogram");
        long total = 0;
        for (var bucket = 0; bucket < _byDuration.Length; bucket++)
        {
            total += Volatile.Read(ref _byDuration[bucket]);
            var upper = bucket < s_upperSeconds.Length ? s_upperSeconds[bucket].ToString(CultureInfo.InvariantCulture) : "+Inf";
            text.Line($"webapi_request_duration_seconds_bucket{{le=\"{upper}\"}}", total);
        }

        text.Line("webapi_request_duration_seconds_sum", Volatile.Read(ref _microseconds) / 1e6);
        text.Line("webapi_request_duration_seconds_count", total);
    }
}
