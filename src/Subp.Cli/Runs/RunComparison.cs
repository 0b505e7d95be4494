using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;

namespace Subp.Cli.Runs;

/// <summary>Runs side by side, with the times of their compiled networks in the same rounds.</summary>
/// <param name="Runs">The runs; the first is the one that the others are compared with.</param>
/// <param name="Timings">One entry per run; empty where nothing was timed.</param>
internal sealed record RunComparison(IReadOnlyList<FinishedRun> Runs, IReadOnlyList<RunTiming> Timings)
{
    /// <summary>Reads the runs and times their networks.</summary>
    /// <param name="folders">The folders of the runs, at least two.</param>
    /// <param name="rounds">Interleaved rounds of timing; 0 for none.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">A folder holds no finished run, or the runs are of different data sets.</exception>
    public static RunComparison Of(IReadOnlyList<string> folders, int rounds, CommandContext context)
    {
        var runs = folders.Select(FinishedRun.Read).ToArray();
        foreach (var other in runs.Skip(1))
            runs[0].RequireSameData(other);
        runs = WithDifferentNames(runs);
        return new RunComparison(runs, rounds == 0 ? [] : Time(runs, rounds, context));
    }

    // Folders of the same name in different places are known by the whole path that the user gave.
    private static FinishedRun[] WithDifferentNames(FinishedRun[] runs) =>
        [
            .. runs.Select(run =>
                runs.Count(other => other.Name == run.Name) == 1 ? run : run with { Name = run.Folder.Replace('\\', '/').TrimEnd('/') }
            ),
        ];

    private static IReadOnlyList<RunTiming> Time(IReadOnlyList<FinishedRun> runs, int rounds, CommandContext context)
    {
        var models = new List<(string Name, LoadedModel Model)>();
        var sizes = new List<long>();
        try
        {
            foreach (var (index, run) in runs.Index())
            {
                context.Cancellation.ThrowIfCancellationRequested();
                context.Log($"compiling {run.Name}");
                var compiled = RunMeasurement.Compile(run.Model, FormattableString.Invariant($"Run{index + 1}"), context);
                sizes.Add(compiled.Assembly.Assembly.Length);
                models.Add((run.Name, LoadedModel.Load(compiled.Assembly)));
            }

            IReadOnlyList<ModelTiming> timings = [];
            context.WithProgress(
                "timing",
                progress => timings = ModelBenchmark.Run(models, [RunMeasurement.Threads], rounds, progress, context.Cancellation)
            );
            return
            [
                .. timings.Select(
                    (timing, index) => new RunTiming(timing.Microseconds.Median, timing.SpeedupOver(timings[0]), sizes[index])
                ),
            ];
        }
        finally
        {
            foreach (var (_, model) in models)
                model.Dispose();
        }
    }
}

/// <summary>The compiled network of a run.</summary>
/// <param name="Microseconds">The median time of an image on one thread.</param>
/// <param name="Speedup">How often faster than that of the first run: the median over the rounds of the ratio within each.</param>
/// <param name="AssemblyBytes">The size of the assembly, weights included.</param>
internal sealed record RunTiming(double Microseconds, double Speedup, long AssemblyBytes);
