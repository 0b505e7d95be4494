using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Training.Numerics;

namespace Subp.Tooling.Inspection;

/// <summary>
/// How well a network divides among threads, in cycles of the cost model; what threads cost each other in memory and at barriers is not
/// modelled.
/// </summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Makespan">The sum over the layers of the work of the thread that has the most.</param>
/// <param name="Ideal">The work of all layers on one thread, divided by the threads.</param>
internal sealed record ScheduleForecast(int Threads, double Makespan, double Ideal)
{
    private const ulong Seed = 1;

    /// <summary>How much longer than a perfect split it takes; 0 is perfect.</summary>
    public double Imbalance => Ideal > 0 ? (Makespan / Ideal) - 1 : 0;

    /// <summary>The forecast for the convolutions and linear layers of a plan.</summary>
    public static ScheduleForecast Of(ModelPlan plan, int threads)
    {
        var (makespan, ideal) = Sum(
            plan,
            threads,
            layer => layer.KeptMacs > 0 ? CostModel.Cycles(layer, plan.Options.InstructionSets[0], plan.Options.Machine) : 0
        );
        return new ScheduleForecast(threads, makespan, ideal);
    }

    /// <summary>The predicted time of a whole run: the slowest thread of every step, the steps without multiply-adds too.</summary>
    public static double Microseconds(ModelPlan plan, int threads, TimePrediction prediction) =>
        Sum(plan, threads, prediction.Microseconds).Makespan;

    // Costs of tasks are relative within a layer; what the whole layer is worth gives them a unit. Work that every thread does again, such
    // as the transform of an input that all of them read, counts as often as it is done.
    private static (double Makespan, double Ideal) Sum(ModelPlan plan, int threads, Func<LayerPlan, double> worth)
    {
        var schedule = Scheduler.Build(plan.Layers, threads);
        double makespan = 0,
            ideal = 0;
        foreach (var (layer, work) in plan.Layers.Zip(schedule.Work))
        {
            var whole = layer.Cost(TimePrediction.Whole(layer));
            if (whole <= 0)
                continue;
            makespan += worth(layer) * Scheduler.Makespan(layer, work) / whole;
            ideal += worth(layer) / threads;
        }

        return (makespan, ideal);
    }

    /// <summary>
    /// The same network with the same number of kept blocks in every layer, but drawn at random over the whole layer, so that its groups
    /// keep different numbers: what a pruning method without the uniform rule would leave to the scheduler.
    /// </summary>
    public static Graph WithoutUniformity(Graph graph)
    {
        var random = new DeterministicRandom(Seed);
        return graph.With(
            parameters:
            [
                .. graph.Parameters.Select(parameter =>
                    parameter.Pattern is { IsFull: false } pattern ? parameter with { Pattern = Scatter(pattern, random) } : parameter
                ),
            ]
        );
    }

    private static BlockPattern Scatter(BlockPattern pattern, DeterministicRandom random)
    {
        var blocks = Enumerable.Range(0, pattern.Groups * pattern.InputChannels).ToArray();
        random.Shuffle(blocks);
        var kept = blocks
            .Take(pattern.KeptBlocks)
            .Order()
            .ToLookup(block => block / pattern.InputChannels, block => block % pattern.InputChannels);
        return new BlockPattern(
            pattern.BlockLength,
            pattern.InputChannels,
            [.. Enumerable.Range(0, pattern.Groups).Select(group => kept[group].ToArray())]
        );
    }
}
