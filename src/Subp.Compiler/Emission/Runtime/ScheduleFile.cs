using Subp.Compiler.Planning;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>
/// Writes the schedules: one table of numbers per thread count. It begins with the phases between barriers and the place of the numbers of
/// each layer and thread; these are the number of rectangles, and groups from, to, tiles from, to of each.
/// </summary>
internal static class ScheduleFile
{
    private const string Range = """
        /// <summary>
        /// A rectangle of a layer's tasks, groups x tiles, as a kernel gets it. What a group and a tile are, the layer says.
        /// </summary>
        private readonly struct WorkRange(int groupFrom, int groupTo, int tileFrom, int tileTo)
        {
            internal readonly int GroupFrom = groupFrom;
            internal readonly int GroupTo = groupTo;
            internal readonly int TileFrom = tileFrom;
            internal readonly int TileTo = tileTo;
        }

        """;

    private const string Table = """
        /// <summary>
        /// The work of all threads for one thread count. First the phases: how many there are, the first layer of each, and the number
        /// of layers; between two phases lies a barrier. Then, layer by layer, where in the table the numbers of each thread begin.
        /// Then these numbers: how many rectangles of tasks the thread computes, and a <see cref="WorkRange"/> for each. A constant
        /// span of numbers lies in the image of the assembly and never moves, so that its address may be kept.
        /// </summary>
        """;

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
        writer.Line(Range);
        writer.Line(Table);
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
        var threads = schedule.Threads == 1 ? "1 thread" : InvariantText.Invariant($"{schedule.Threads} threads");
        var phases = schedule.PhaseStarts.Count == 1 ? "one phase" : InvariantText.Invariant($"{schedule.PhaseStarts.Count} phases");
        writer
            .Line()
            .Line(
                $"// {plan.Layers.Count} layers x {threads} in {phases}; "
                    + $"predicted imbalance {CSharpText.Fixed(100 * Imbalance(plan, schedule), 1)} %."
            );
        using (writer.Block($"private static System::ReadOnlySpan<int> WorkOf{schedule.Threads}Threads => new int[]", "};"))
        {
            writer.Line($"{schedule.PhaseStarts.Count}, // phases");
            writer.Line($"{CSharpText.Numbers(schedule.PhaseStarts)}, {plan.Layers.Count}, // their first layers; all layers");
            writer.Line("// Where the numbers of each thread begin.");
            var places = Places(plan, schedule);
            foreach (var layer in plan.Layers)
                writer.Line($"{CSharpText.Numbers(places.Select(ofThread => ofThread[layer.Index]))}, // {layer.MethodStem}");
            for (var thread = 0; thread < schedule.Threads; thread++)
            {
                writer.Line($"// Thread {thread}: rectangles; groups from, to, tiles from, to of each.");
                foreach (var layer in plan.Layers)
                {
                    var ranges = schedule.Work[layer.Index][thread];
                    var rectangles = string.Concat(
                        ranges.Select(range =>
                            InvariantText.Invariant($" {range.GroupFrom}, {range.GroupTo}, {range.TileFrom}, {range.TileTo},")
                        )
                    );
                    writer.Line($"{ranges.Count},{rectangles} // {layer.MethodStem}");
                }
            }
        }
    }

    /// <summary>Per thread, where the numbers of each layer begin.</summary>
    private static List<int[]> Places(ModelPlan plan, Schedule schedule)
    {
        var place = 1 + schedule.PhaseStarts.Count + 1 + (plan.Layers.Count * schedule.Threads);
        var places = new List<int[]>();
        for (var thread = 0; thread < schedule.Threads; thread++)
        {
            var ofThread = new int[plan.Layers.Count];
            foreach (var layer in plan.Layers)
            {
                ofThread[layer.Index] = place;
                place += 1 + (4 * schedule.Work[layer.Index][thread].Count);
            }

            places.Add(ofThread);
        }

        return places;
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
