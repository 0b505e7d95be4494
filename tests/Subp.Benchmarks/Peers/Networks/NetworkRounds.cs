using System.Diagnostics;
using System.Globalization;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Processes;
using Subp.Tooling.Verification;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>Who runs a network: a process of its own, started several times.</summary>
/// <param name="Work">What the process does.</param>
/// <param name="Environment">Variables of the process.</param>
internal sealed record NetworkContender(NetworkWork Work, params IReadOnlyList<(string Name, string Value)> Environment)
{
    /// <summary>The largest difference to the output of the first contender that counts as none, relative to its largest output.</summary>
    public double LargestDifference { get; init; } = 1e-4;
}

/// <summary>What became of a contender.</summary>
/// <param name="Name">The library with its version, as far as it was heard of.</param>
/// <param name="Failure">Why there are no times, or null.</param>
/// <param name="Samples">The times for each thread count.</param>
/// <param name="Difference">For each thread count, the largest difference to the output of the first contender, relative to the largest
/// output.</param>
internal sealed record NetworkOutcome(string? Name, string? Failure, IReadOnlyList<Samples> Samples, IReadOnlyList<double> Difference);

/// <summary>Times a network in several processes of every contender, in turns.</summary>
internal static class NetworkRounds
{
    // So that slow networks do not take most of the time of the table.
    private const int FewestRounds = 2;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(4);

    // Threads of the libraries spin for a while after a run in case another follows; the next contender must not share the processors with
    // them.
    private static readonly TimeSpan UntilThreadsSleep = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures.</summary>
    /// <param name="contenders">Who runs it; outputs are compared with those of the first. All have the same thread counts.</param>
    /// <param name="processes">How many processes of each, one after the other.</param>
    /// <param name="rounds">How many rounds in each, at most: after two, it is enough when seconds have passed.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>The outcomes, in the order of the contenders.</returns>
    public static IReadOnlyList<NetworkOutcome> Measure(
        IReadOnlyList<NetworkContender> contenders,
        int processes,
        int rounds,
        CancellationToken cancellation
    )
    {
        var entries = contenders.Select(contender => new Entry(contender)).ToArray();
        for (var process = 0; process < processes; process++)
        {
            try
            {
                foreach (var entry in entries.Where(entry => entry.Failure is null))
                    entry.Start();
                if (process == 0)
                    Compare(entries);
                Measure([.. entries.Where(entry => entry.Failure is null)], rounds, cancellation);
            }
            finally
            {
                foreach (var entry in entries)
                    entry.Stop();
            }
        }

        return [.. entries.Select(entry => entry.Outcome())];
    }

    private static void Compare(Entry[] entries)
    {
        foreach (var entry in entries)
            entry.CompareWith(entries[0]);
    }

    private static void Measure(Entry[] entries, int rounds, CancellationToken cancellation)
    {
        if (entries.Length == 0)
            return;
        var threads = entries[0].Contender.Work.Threads;
        var turns = threads.Index().SelectMany(count => entries.Select(entry => (Entry: entry, Session: count.Index))).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < rounds && (round < FewestRounds || Stopwatch.GetElapsedTime(start) < Enough); round++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (var turn = 0; turn < turns.Length; turn++)
            {
                var (entry, session) = turns[(round + turn) % turns.Length];
                entry.Measure(session);
                Thread.Sleep(threads[session] > 1 ? UntilThreadsSleep : TimeSpan.Zero);
            }
        }
    }

    private sealed class Entry(NetworkContender contender)
    {
        private readonly Samples[] _samples = [.. contender.Work.Threads.Select(_ => new Samples())];
        private readonly double[] _difference = new double[contender.Work.Threads.Length];
        private WorkerProcess? _process;
        private string? _name;

        public NetworkContender Contender => contender;

        public string? Failure { get; private set; }

        public void Start()
        {
            _process = WorkerProcess.Start(NetworkWorker.Role, contender.Work, contender.Environment);
            foreach (var samples in _samples)
                samples.StartProcess();
        }

        public void CompareWith(Entry first) =>
            Try(process =>
            {
                _name = process.Ask<string>("name");
                for (var session = 0; session < _difference.Length && first._process is not null; session++)
                {
                    _difference[session] = ErrorFigures.Between(Output(process, session), Output(first._process, session)).Relative;
                    if (!(_difference[session] <= contender.LargestDifference))
                        Failure = "outputs differ";
                }
            });

        public void Measure(int session) =>
            Try(process => _samples[session].Add(process.Ask<double>(string.Create(CultureInfo.InvariantCulture, $"burst {session}"))));

        public void Stop()
        {
            _process?.Dispose();
            _process = null;
        }

        public NetworkOutcome Outcome() => new(_name, Failure, _samples, _difference);

        private static float[] Output(WorkerProcess process, int session) =>
            process.Ask<float[]>(string.Create(CultureInfo.InvariantCulture, $"output {session}"));

        private void Try(Action<WorkerProcess> action)
        {
            if (_process is null || Failure is not null)
                return;
            try
            {
                action(_process);
            }
            catch (WorkerFailedException failure)
            {
                Failure = failure.Message;
            }
        }
    }
}
