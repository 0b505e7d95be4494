using Subp.Compiler.Planning;

namespace Subp.Tooling.Inspection;

/// <summary>
/// A run on many threads, simulated from the times that the layers took on one: a layer's time is spread over its tasks as the planner
/// costs them, each thread adds up its own, and at a meeting all wait for the slowest. Caches and memory that threads share are not in it.
/// </summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Microseconds">The time of a run without what meetings cost.</param>
/// <param name="Barriers">The number of meetings.</param>
/// <param name="Efficiency">The time on one thread over the time of all threads together; 1 is perfect.</param>
/// <param name="MicrosecondsWithBarriers">The time of a run with what meetings cost.</param>
/// <param name="EfficiencyWithBarriers">The efficiency with what meetings cost.</param>
internal sealed record ScheduleSimulation(
    int Threads,
    double Microseconds,
    int Barriers,
    double Efficiency,
    double MicrosecondsWithBarriers,
    double EfficiencyWithBarriers
)
{
    /// <summary>Simulates a schedule.</summary>
    /// <param name="layers">The layers, whose costs count.</param>
    /// <param name="schedule">Who computes what; it may be that of a network with the same task grids but other costs.</param>
    /// <param name="microseconds">The time of each layer on one thread.</param>
    /// <param name="barrierMicroseconds">What one meeting costs two threads; more threads are taken to cost in proportion, since each
    /// announces itself at one counter.</param>
    public static ScheduleSimulation Of(
        IReadOnlyList<LayerPlan> layers,
        Schedule schedule,
        IReadOnlyList<double> microseconds,
        double barrierMicroseconds
    )
    {
        double time = 0;
        var busy = new double[schedule.Threads];
        foreach (var layer in layers)
        {
            var whole = layer.Cost(TimePrediction.Whole(layer));
            for (var thread = 0; thread < busy.Length; thread++)
                busy[thread] +=
                    whole > 0
                        ? microseconds[layer.Index] * Scheduler.Cost(layer, schedule.Work[layer.Index][thread]) / whole
                        : microseconds[layer.Index] / busy.Length;
            if (!schedule.BarrierAfter[layer.Index] && layer.Index < layers.Count - 1)
                continue;
            time += busy.Max();
            Array.Clear(busy);
        }

        var single = microseconds.Sum();
        var withBarriers = time + (schedule.Barriers * barrierMicroseconds * schedule.Threads / 2);
        return new ScheduleSimulation(
            schedule.Threads,
            time,
            schedule.Barriers,
            single / (time * schedule.Threads),
            withBarriers,
            single / (withBarriers * schedule.Threads)
        );
    }

    /// <summary>True where a schedule of one plan fits the task grids of another.</summary>
    public static bool Fits(ModelPlan plan, ModelPlan other) =>
        plan.Layers.Count == other.Layers.Count
        && plan.Layers.Zip(other.Layers)
            .All(pair => pair.First.TaskGroups == pair.Second.TaskGroups && pair.First.TaskTiles == pair.Second.TaskTiles);
}
