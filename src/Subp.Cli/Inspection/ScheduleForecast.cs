using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Training.Numerics;

namespace Subp.Cli.Inspection;

/// <summary>How well a network divides among threads, in multiply-accumulates; memory and barriers are not modelled.</summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Makespan">The sum over the layers of the work of the thread that has the most.</param>
/// <param name="Ideal">The work of all layers, divided by the threads.</param>
internal sealed record ScheduleForecast(int Threads, double Makespan, double Ideal)
{
    private const ulong Seed = 1;

    /// <summary>How much longer than a perfect split it takes; 0 is perfect.</summary>
    public double Imbalance => Ideal > 0 ? (Makespan / Ideal) - 1 : 0;

    /// <summary>The forecast for a plan.</summary>
    public static ScheduleForecast Of(ModelPlan plan, int threads)
    {
        var schedule = Scheduler.Build(plan.Layers, threads);
        double makespan = 0, ideal = 0;
        foreach (var (layer, work) in plan.Layers.Zip(schedule.Work))
        {
            // Costs are relative within a layer; its kept multiply-accumulates give them a unit.
            var total = layer.GroupCosts.Sum() * layer.TaskTiles;
            if (layer.KeptMacs == 0 || total <= 0)
                continue;
            makespan += layer.KeptMacs * Scheduler.Makespan(layer, work) / total;
            ideal += (double)layer.KeptMacs / threads;
        }

        return new ScheduleForecast(threads, makespan, ideal);
    }

    /// <summary>
    /// The same network with the same number of kept blocks in every layer, but drawn at random over the whole layer, so that its groups keep
    /// different numbers: what a pruning method without the uniform rule would leave to the scheduler.
    /// </summary>
    public static Graph WithoutUniformity(Graph graph)
    {
        var random = new DeterministicRandom(Seed);
        return graph.With(parameters: [.. graph.Parameters.Select(parameter =>
            parameter.Pattern is { IsFull: false } pattern ? parameter with { Pattern = Scatter(pattern, random) } : parameter)]);
    }

    private static BlockPattern Scatter(BlockPattern pattern, DeterministicRandom random)
    {
        var blocks = Enumerable.Range(0, pattern.Groups * pattern.InputChannels).ToArray();
        random.Shuffle(blocks);
        var kept = blocks.Take(pattern.KeptBlocks).Order().ToLookup(block => block / pattern.InputChannels, block => block % pattern.InputChannels);
        return new BlockPattern(pattern.BlockLength, pattern.InputChannels, [.. Enumerable.Range(0, pattern.Groups).Select(group => kept[group].ToArray())]);
    }
}
