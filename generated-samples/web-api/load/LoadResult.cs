using System.Collections.Concurrent;

namespace WebApi.Load;

/// <summary>What became of the requests of one round.</summary>
public sealed class LoadResult
{
    private readonly ConcurrentBag<double> _milliseconds = [];
    private int _right;
    private int _wrong;
    private int _busy;
    private int _other;
    private int _unanswered;

    /// <summary>Answers 200 with the expected class.</summary>
    public int Right => _right;

    /// <summary>Answers 200 with another class.</summary>
    public int Wrong => _wrong;

    /// <summary>Answers 503 that said when to come back.</summary>
    public int Busy => _busy;

    /// <summary>Any other answer.</summary>
    public int Other => _other;

    /// <summary>Requests without any answer: the port was closed.</summary>
    public int Unanswered => _unanswered;

    /// <summary>How long the round took.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>Answers of any kind per second.</summary>
    public double Throughput => (Right + Wrong + Busy + Other) / Duration.TotalSeconds;

    /// <summary>The time below which a share of the answers 200 stayed, in milliseconds.</summary>
    public double Percentile(double share)
    {
        var sorted = _milliseconds.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    internal void AddClassified(bool right, double milliseconds)
    {
        Interlocked.Increment(ref right ? ref _right : ref _wrong);
        _milliseconds.Add(milliseconds);
    }

    internal void AddBusy() => Interlocked.Increment(ref _busy);

    internal void AddOther() => Interlocked.Increment(ref _other);

    internal void AddUnanswered() => Interlocked.Increment(ref _unanswered);
}
