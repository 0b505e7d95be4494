using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Benchmarking;

namespace Subp.Tooling.Inspection;

/// <summary>
/// Predicts the time of a layer on one thread: the cycles of the cost model that the planner chooses kernels by, at the frequency that the
/// multiply-add peak stands for. It is a prediction, for comparing layers and patterns before anything is compiled; <c>--measure</c>
/// measures.
/// </summary>
/// <param name="set">The instruction set whose kernels run.</param>
/// <param name="machine">The machine whose costs are predicted with.</param>
/// <param name="peakGigaflops">The peak of one thread in GFLOP/s with that instruction set; a multiply-add counts two.</param>
internal sealed class TimePrediction(InstructionSet set, MachineDescription machine, double peakGigaflops)
{
    /// <summary>For the best instruction set of this processor.</summary>
    /// <param name="machine">The machine whose costs are predicted with.</param>
    /// <param name="peakGigaflops">The peak of one thread, or null to measure it.</param>
    public static TimePrediction OfThisProcessor(MachineDescription machine, double? peakGigaflops)
    {
        var set = HostProcessor.BestOf(new CompileOptions().InstructionSets);
        if (peakGigaflops is { } given)
            return new TimePrediction(set, machine, given);
        var meter = new PeakMeter(set);
        meter.Measure();
        return new TimePrediction(set, machine, meter.FastestGigaflops);
    }

    /// <summary>The peak of one thread in GFLOP/s.</summary>
    public double PeakGigaflops => peakGigaflops;

    /// <summary>Microseconds of a layer on one thread.</summary>
    public double Microseconds(LayerPlan layer) => CostModel.Microseconds(layer, set, machine, peakGigaflops);

    /// <summary>The work that the prediction counts.</summary>
    public IReadOnlyList<WorkItem> Work(LayerPlan layer) => CostModel.Work(layer, set, machine);

    /// <summary>All tasks of a layer.</summary>
    public static WorkRange Whole(LayerPlan layer) => new(0, layer.TaskGroups, 0, layer.TaskTiles);
}
