using System.Diagnostics;
using Subp.Core.Diagnostics;
using Subp.Fuzzing.Targets;

namespace Subp.Fuzzing;

/// <summary>
/// Runs mutations of the targets on several threads. Which mutation a trial is depends on seed and trial alone, not on the threads.
/// </summary>
/// <param name="seed">The seed of all trials.</param>
/// <param name="threads">How many trials run at once.</param>
/// <param name="longestTrial">How long one trial may take; null for a minute.</param>
public sealed class FuzzRun(int seed, int threads, TimeSpan? longestTrial = null)
{
    /// <summary>A reader may allocate ten times the size of its file ...</summary>
    public const int LargestMultiple = 10;

    /// <summary>... and this much on top: what the objects of a network and of a message cost, however few bytes the file has.</summary>
    public const long AlwaysAllowed = 2 << 20;

    // Work is bounded by what may be allocated and by the sizes of the samples; the clock only finds what allocates nothing and does not
    // end.
    private readonly TimeSpan _longestTrial = longestTrial ?? TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();

    /// <summary>All targets.</summary>
    public static IReadOnlyList<FuzzTarget> Targets { get; } =
    [new OnnxTarget(), new SubpTextTarget(), new SafetensorsTarget(), new BundleTarget(), new PthTarget()];

    /// <summary>The file of one trial.</summary>
    public byte[] Mutation(FuzzTarget target, int trial)
    {
        // One generator per trial; the odd factor keeps neighbouring trials of neighbouring seeds apart.
        var random = new Random(unchecked((seed * 1_000_003) + trial));
        return target.Mutate(target.Samples[random.Next(target.Samples.Count)], random);
    }

    /// <summary>Runs trials of one target.</summary>
    /// <param name="target">The reader.</param>
    /// <param name="first">The number of the first trial.</param>
    /// <param name="count">How many.</param>
    public FuzzReport Run(FuzzTarget target, int first, int count)
    {
        var report = new FuzzReport { Target = target.Name };
        var next = first - 1;
        var running = new (int Trial, long Since)[threads];
        var workers = Enumerable
            .Range(0, threads)
            .Select(worker => new Thread(() =>
            {
                for (var trial = Interlocked.Increment(ref next); trial < first + count; trial = Interlocked.Increment(ref next))
                {
                    lock (_lock)
                        running[worker] = (trial, Stopwatch.GetTimestamp());
                    Try(target, trial, report);
                }

                lock (_lock)
                    running[worker] = default;
            })
            {
                IsBackground = true,
            })
            .ToArray();
        foreach (var worker in workers)
            worker.Start();
        while (!workers.All(worker => worker.Join(TimeSpan.FromMilliseconds(200))))
        {
            lock (_lock)
            {
                var stuck = running.FirstOrDefault(entry => entry.Since != 0 && Stopwatch.GetElapsedTime(entry.Since) > _longestTrial);
                if (stuck.Since == 0)
                    continue;
                report.Failures.Add(
                    new FuzzFailure(target.Name, seed, stuck.Trial, 0, $"no answer within {_longestTrial.TotalSeconds} seconds")
                );
                return report;
            }
        }

        return report;
    }

    private void Try(FuzzTarget target, int trial, FuzzReport report)
    {
        var bytes = Mutation(target, trial);
        string? diagnostic = null,
            problem = null;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var allocated = 0L;
        try
        {
            var result = target.Read(bytes);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            target.Check(result);
        }
        catch (SubpException exception)
        {
            diagnostic = exception.Diagnostic.Descriptor.Id;
            if (allocated == 0)
                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        catch (Exception exception)
        {
            problem = $"{exception.GetType().Name}: {exception.Message} {exception.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}";
        }

        if (problem is null && allocated > ((long)LargestMultiple * bytes.Length) + target.AlwaysAllowed)
            problem = FormattableString.Invariant($"{allocated} bytes allocated");
        lock (_lock)
        {
            if (problem is not null)
                report.Failures.Add(new FuzzFailure(target.Name, seed, trial, bytes.Length, problem));
            else if (diagnostic is null)
                report.Accepted++;
            else
                report.Refused++;
            if (diagnostic is not null)
                report.Diagnostics[diagnostic] = report.Diagnostics.GetValueOrDefault(diagnostic) + 1;
            if (allocated > report.LargestAllocation)
                (report.LargestAllocation, report.LargestAllocationFile) = (allocated, bytes.Length);
        }
    }
}
