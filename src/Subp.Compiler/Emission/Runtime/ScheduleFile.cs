using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the schedules: one table of numbers per thread count. It begins with the place of each thread's numbers; these are, per layer,
/// the number of its rectangles, each as groups from, to, tiles from, to, and whether the threads meet behind the layer.
/// </summary>
internal static class ScheduleFile
{
    /// <summary>The file <c>{Class}.Schedule.cs</c>.</summary>
    public static EmittedFile Write(ModelPlan plan) =>
        ModelFileScope.Write(
            plan,
            ".Schedule",
            _ => { },
            writer =>
            {
                WriteAccess(writer, plan);
                foreach (var schedule in plan.Schedules)
                    WriteTable(writer, plan, schedule);
            }
        );

    private static void WriteAccess(CSharpWriter writer, ModelPlan plan)
    {
        writer.Line(
            """
            /// <summary>
            /// The work of all threads for one thread count: where the numbers of each thread begin, then for each thread and layer how
            /// many rectangles of tasks it computes; groups from, to, tiles from, to of each; and 1 where all threads meet before the next
            /// layer, else 0. A constant span of numbers lies in the image of the assembly and never moves, so that its address may be
            /// kept.
            /// </summary>
            """
        );
        using (writer.Block("private static int* WorkTable(int threads) => threads switch", "};"))
        {
            foreach (var schedule in plan.Schedules)
                writer.Line(
                    $"{schedule.Threads} => (int*)Runtime::Unsafe.AsPointer(ref Interop::MemoryMarshal.GetReference(WorkOf{schedule.Threads}Threads)),"
                );
            writer.Line("_ => throw new System::ArgumentOutOfRangeException(\"threads\"),");
        }
    }

    private static void WriteTable(CSharpWriter writer, ModelPlan plan, Schedule schedule)
    {
        var threads =
            schedule.Threads == 1
                ? "1 thread"
                : InvariantText.Invariant($"{schedule.Threads} threads, which meet {Times(schedule.Barriers)}");
        writer
            .Line()
            .Line(
                $"// {plan.Layers.Count} layers x {threads}; predicted imbalance {CSharpText.Fixed(100 * Imbalance(plan, schedule), 1)} %."
            );
        using (writer.Block($"private static System::ReadOnlySpan<int> WorkOf{schedule.Threads}Threads => new int[]", "};"))
        {
            writer.Line($"{string.Join(", ", Starts(plan, schedule).Select(start => InvariantText.Invariant($"{start}")))},");
            for (var thread = 0; thread < schedule.Threads; thread++)
            {
                writer.Line($"// Thread {thread}.");
                foreach (var layer in plan.Layers)
                {
                    var ranges = schedule.Work[layer.Index][thread];
                    var rectangles = string.Concat(
                        ranges.Select(range =>
                            InvariantText.Invariant($" {range.GroupFrom}, {range.GroupTo}, {range.TileFrom}, {range.TileTo},")
                        )
                    );
                    writer.Line($"{ranges.Count},{rectangles} {(schedule.BarrierAfter[layer.Index] ? 1 : 0)}, // {layer.MethodStem}");
                }
            }
        }
    }

    private static string Times(int count) => count == 1 ? "once" : InvariantText.Invariant($"{count} times");

    /// <summary>Where the numbers of each thread begin.</summary>
    private static IEnumerable<int> Starts(ModelPlan plan, Schedule schedule)
    {
        var start = schedule.Threads;
        for (var thread = 0; thread < schedule.Threads; thread++)
        {
            yield return start;
            start += plan.Layers.Sum(layer => 2 + (4 * schedule.Work[layer.Index][thread].Count));
        }
    }

    /// <summary>
    /// How much longer the busiest threads take than a perfect division of the work would, all layers together; 0 is perfect.
    /// </summary>
    private static double Imbalance(ModelPlan plan, Schedule schedule)
    {
        double busiest = 0,
            all = 0;
        foreach (var layer in plan.Layers)
        {
            var work = schedule.Work[layer.Index];
            busiest += Scheduler.Makespan(layer, work);
            all += work.Sum(ranges => Scheduler.Cost(layer, ranges));
        }

        return all > 0 ? (busiest * schedule.Threads / all) - 1 : 0;
    }
}
