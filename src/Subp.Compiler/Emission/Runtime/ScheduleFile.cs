using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>Writes the schedules: one constant table per thread count, [thread][layer][group from, group to, tile from, tile to].</summary>
internal static class ScheduleFile
{
    /// <summary>The file <c>{Class}.Schedule.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan) => ModelFileScope.Write(plan, ".Schedule",
        ["System", "System.Runtime.CompilerServices", "System.Runtime.InteropServices"],
        _ => { },
        writer =>
        {
            WriteAccess(writer, plan);
            foreach (var schedule in plan.Schedules)
                WriteTable(writer, plan, schedule);
        });

    private static void WriteAccess(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line("""
            /// <summary>
            /// The work of all threads for one thread count: [thread][layer][group from, group to, tile from, tile to].
            /// A constant span of numbers lies in the image of the assembly and never moves, so that its address may be kept.
            /// </summary>
            """);
        using (writer.Block("private static int* WorkTable(int threads) => threads switch", "};"))
        {
            foreach (var schedule in plan.Schedules)
                writer.Line($"{schedule.Threads} => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(WorkOf{schedule.Threads}Threads)),");
            writer.Line("_ => throw new ArgumentOutOfRangeException(nameof(threads)),");
        }
    }

    private static void WriteTable(CSharpWriter writer, ModelPlan plan, Schedule schedule)
    {
        writer.Line().Line(
            $"// {plan.Layers.Count} layers x {schedule.Threads} {(schedule.Threads == 1 ? "thread" : "threads")}; predicted imbalance {CSharpText.Fixed(100 * Imbalance(plan, schedule), 1)} %.");
        using (writer.Block($"private static ReadOnlySpan<int> WorkOf{schedule.Threads}Threads => new int[]", "};"))
        {
            for (var thread = 0; thread < schedule.Threads; thread++)
            {
                writer.Line($"// Thread {thread}.");
                for (var layer = 0; layer < plan.Layers.Count; layer++)
                {
                    var work = schedule.Work[layer][thread];
                    writer.Line($"{work.GroupFrom}, {work.GroupTo}, {work.TileFrom}, {work.TileTo}, // {plan.Layers[layer].MethodStem}");
                }
            }
        }
    }

    /// <summary>How much longer the busiest threads take than a perfect division of the work would, all layers together; 0 is perfect.</summary>
    private static double Imbalance(ModelPlan plan, Schedule schedule)
    {
        double busiest = 0, all = 0;
        foreach (var layer in plan.Layers)
        {
            var work = schedule.Work[layer.Index];
            busiest += Scheduler.Makespan(layer, work);
            all += work.Sum(layer.Cost);
        }

        return all > 0 ? (busiest * schedule.Threads / all) - 1 : 0;
    }
}
