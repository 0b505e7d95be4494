using Subp.Training.Distributed;

namespace Subp.Training.Tests.Distributed;

/// <summary>Ranks that are threads of this process: what data-parallel training does, without a launcher.</summary>
internal sealed class ThreadGroup : IProcessGroup
{
    private readonly Meeting _meeting;

    private ThreadGroup(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public string Description => "threads";

    public int Rank { get; }

    public int Size => _meeting.Parts.Length;

    /// <summary>Runs the work of all ranks and returns what each gave.</summary>
    public static T[] Run<T>(int size, Func<IProcessGroup, T> work)
    {
        var meeting = new Meeting(size);
        var results = new T[size];
        var failures = new Exception?[size];
        var threads = Enumerable
            .Range(0, size)
            .Select(rank => new Thread(() =>
            {
                try
                {
                    results[rank] = work(new ThreadGroup(meeting, rank));
                }
                catch (Exception failure)
                {
                    failures[rank] = failure;
                    // The others would wait for this rank for ever.
                    meeting.Barrier.RemoveParticipant();
                }
            }))
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return failures.FirstOrDefault(failure => failure is not null) is { } first ? throw first : results;
    }

    public IPendingSum BeginSum(float[] values) => new Pending(this, values);

    public void Sum(Span<double> values)
    {
        // In the order of ranks, so that every rank has the same bits.
        var parts = Exchange(values.ToArray()).Cast<double[]>().ToArray();
        for (var i = 0; i < values.Length; i++)
            values[i] = Sum(parts, i);
    }

    public void Broadcast(Span<byte> bytes) => ((byte[])Exchange(bytes.ToArray())[0]).CopyTo(bytes);

    public void Abort(int exitCode) => throw new InvalidOperationException("aborted");

    public void Dispose() { }

    private static double Sum(double[][] parts, int index) => parts.Sum(part => part[index]);

    private object[] Exchange(object own)
    {
        _meeting.Parts[Rank] = own;
        _meeting.Barrier.SignalAndWait();
        var all = _meeting.Parts.ToArray();
        _meeting.Barrier.SignalAndWait();
        return all;
    }

    private sealed class Pending(ThreadGroup group, float[] values) : IPendingSum
    {
        public void Advance() { }

        // In the order of ranks, so that every rank has the same bits.
        public void Wait()
        {
            var parts = group.Exchange(values.ToArray()).Cast<float[]>().ToArray();
            for (var i = 0; i < values.Length; i++)
                values[i] = parts.Aggregate(0f, (sum, part) => sum + part[i]);
        }
    }

    private sealed class Meeting(int size)
    {
        public object[] Parts { get; } = new object[size];

        public Barrier Barrier { get; } = new(size);
    }
}
