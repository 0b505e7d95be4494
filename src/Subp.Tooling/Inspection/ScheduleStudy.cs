using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;

namespace Subp.Tooling.Inspection;

/// <summary>
/// How a network divides among many threads, from layer times and the cost of a meeting measured on this machine: as it is, and with as
/// many kept blocks drawn without the uniform rule, cut by a scheduler that counts blocks and by one that counts groups.
/// </summary>
/// <param name="LayerMicroseconds">The time of each layer on one thread.</param>
/// <param name="BarrierMicroseconds">What one meeting costs two threads; 0 on a machine of one processor.</param>
/// <param name="Rows">The simulations, three for each thread count.</param>
internal sealed record ScheduleStudy(
    IReadOnlyList<double> LayerMicroseconds,
    double BarrierMicroseconds,
    IReadOnlyList<ScheduleStudyRow> Rows
)
{
    private const int Rounds = 30;

    /// <summary>Compiles the network, times its layers and simulates the thread counts.</summary>
    public static ScheduleStudy Run(Model model, CompileOptions options, IReadOnlyList<int> counts, IWorkLog context)
    {
        var compiled = CompiledNetwork.Compile(model, options with { ThreadCounts = [1] }, cancellation: context.Cancellation);
        var layers = TimeLayers(compiled, context);
        var barrier = Environment.ProcessorCount > 1 ? BarrierMeter.Measure(options, context.Cancellation) : 0;
        var plan = compiled.Plan;
        var scattered = CompiledNetwork.PlanOf(model with { Graph = ScheduleForecast.WithoutUniformity(model.Graph) }, options);
        var rows = new List<ScheduleStudyRow>();
        foreach (var threads in counts)
        {
            var schedule = Scheduler.Build(plan.Layers, threads);
            rows.Add(new("as it is", ScheduleSimulation.Of(plan.Layers, schedule, layers, barrier)));
            rows.Add(
                new(
                    "non-uniform, cut by blocks",
                    ScheduleSimulation.Of(scattered.Layers, Scheduler.Build(scattered.Layers, threads), layers, barrier)
                )
            );
            if (ScheduleSimulation.Fits(plan, scattered))
                rows.Add(new("non-uniform, cut by groups", ScheduleSimulation.Of(scattered.Layers, schedule, layers, barrier)));
        }

        return new ScheduleStudy(layers, barrier, rows);
    }

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(
            $"simulated from {Figures.Microseconds(LayerMicroseconds.Sum())} us measured on one thread and "
                + $"{Figures.Fixed(BarrierMicroseconds, 2)} us for a meeting of two"
        );
        var table = new TextTable(">threads", "pattern", ">us", ">efficiency", ">meetings", ">us with meetings", ">efficiency");
        foreach (var (pattern, run) in Rows)
            table.Add(
                Figures.Count(run.Threads),
                pattern,
                Figures.Microseconds(run.Microseconds),
                Figures.Percent(run.Efficiency),
                Figures.Count(run.Barriers),
                Figures.Microseconds(run.MicrosecondsWithBarriers),
                Figures.Percent(run.EfficiencyWithBarriers)
            );
        table.Write(output);
    }

    private static double[] TimeLayers(CompiledNetwork compiled, IWorkLog context)
    {
        using var loaded = LoadedModel.Load(compiled.Assembly);
        using var session = loaded.CreateSession(1);
        var timer = new SessionTimer(session, InputSet.OfRandom(RunnableModel.InputShape(loaded), 1, seed: 1)[0], loaded.OutputLength);
        context.WithProgress(
            "timing the layers",
            progress => InterleavedRounds.Run([timer.Measure], Rounds, progress, context.Cancellation)
        );
        return [.. Enumerable.Range(0, timer.LayerNames.Count).Select(layer => timer.Layer(layer).Median)];
    }
}

/// <summary>One simulation.</summary>
/// <param name="Pattern">Which pattern, and who cuts it.</param>
/// <param name="Run">The run.</param>
internal sealed record ScheduleStudyRow(string Pattern, ScheduleSimulation Run);
