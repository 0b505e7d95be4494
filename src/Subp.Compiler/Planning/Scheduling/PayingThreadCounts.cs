using Subp.Compiler.Planning.Costs;

namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// Which thread counts pay on paper: the cost model's time of the slowest thread in every phase, and what the barriers cost. A session
/// whose thread count nobody chose takes one of these, so that a tiny network does not occupy processors that make it no faster.
/// </summary>
internal static class PayingThreadCounts
{
    /// <summary>
    /// Cycles of a barrier: of each thread that announces itself, and once, because threads then read from each other's caches. Measured
    /// with fashion-resnet8 on two processors: what two threads took longer than half of one, over its barriers.
    /// </summary>
    private const double ThreadCycles = 415,
        BarrierCycles = 3200;

    /// <summary>The share of what more threads could gain at best that they must gain.</summary>
    private const double Worth = 0.5;

    /// <summary>The thread counts, ascending; the smallest is always there.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="schedules">The schedules, ascending.</param>
    /// <param name="set">The instruction set whose kernels are costed.</param>
    /// <param name="machine">The machine whose costs count.</param>
    public static IReadOnlyList<int> Of(
        IReadOnlyList<LayerPlan> layers,
        IReadOnlyList<Schedule> schedules,
        InstructionSet set,
        MachineDescription machine
    )
    {
        double[] cycles = [.. layers.Select(layer => CostModel.Cycles(layer, set, machine))];
        var paying = new List<int> { schedules[0].Threads };
        var fastest = Cycles(layers, cycles, schedules[0]);
        foreach (var schedule in schedules.Skip(1))
        {
            var time = Cycles(layers, cycles, schedule);
            var threads = (double)schedule.Threads / paying[paying.Count - 1];
            if (time * (1 + ((threads - 1) * Worth)) > fastest)
                continue;
            paying.Add(schedule.Threads);
            fastest = time;
        }

        return paying;
    }

    /// <summary>Predicted cycles of a run: at a barrier all wait for the slowest.</summary>
    /// <param name="layers">The layers.</param>
    /// <param name="layerCycles">The cycles of each layer on one thread.</param>
    /// <param name="schedule">The schedule.</param>
    public static double Cycles(IReadOnlyList<LayerPlan> layers, IReadOnlyList<double> layerCycles, Schedule schedule)
    {
        var cycles = schedule.Barriers * (BarrierCycles + (ThreadCycles * schedule.Threads));
        var busy = new double[schedule.Threads];
        foreach (var layer in layers)
        {
            // Costs of tasks are relative within a layer; what the whole layer takes gives them a unit.
            var whole = layer.Cost(new WorkRange(0, layer.TaskGroups, 0, layer.TaskTiles));
            for (var thread = 0; thread < busy.Length && whole > 0; thread++)
                busy[thread] += layerCycles[layer.Index] * Scheduler.Cost(layer, schedule.Work[layer.Index][thread]) / whole;
            if (!schedule.BarrierAfter[layer.Index] && layer.Index < layers.Count - 1)
                continue;
            cycles += busy.Max();
            Array.Clear(busy, 0, busy.Length);
        }

        return cycles;
    }
}
