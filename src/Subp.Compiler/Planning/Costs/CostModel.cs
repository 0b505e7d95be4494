using Subp.Compiler.Planning.Values;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Costs;

/// <summary>
/// Predicts what a layer costs on one thread: it counts what the kernel does (<see cref="WorkItem"/>) and multiplies with the cycles that
/// each kind took on a measured machine. The counts come from the plan alone, so the costs are the same everywhere; the constants are
/// fitted, see docs/kernels.md.
/// </summary>
public static class CostModel
{
    /// <summary>The work of a layer on one thread.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="set">The instruction set, one of those that the layer was planned for.</param>
    /// <param name="machine">The machine, for the sizes of its caches.</param>
    public static IReadOnlyList<WorkItem> Work(LayerPlan layer, InstructionSet set, MachineDescription machine) =>
        layer.OfFamily.Work(set, machine with { NetworkWeightBytes = layer.Frame.Machine.NetworkWeightBytes });

    /// <summary>Cycles of a layer on one thread.</summary>
    public static double Cycles(LayerPlan layer, InstructionSet set, MachineDescription machine) =>
        Cycles(Work(layer, set, machine), machine);

    /// <summary>Cycles of some work.</summary>
    public static double Cycles(IReadOnlyList<WorkItem> work, MachineDescription machine)
    {
        double cycles = 0;
        foreach (var item in work)
            cycles += item.Count * machine.CyclesOf(item.Kind);
        return cycles;
    }

    /// <summary>Cycles of making bytes of the floats that layers leave, or floats of bytes, on one thread.</summary>
    /// <param name="shape">The shape of the value.</param>
    /// <param name="toBytes">True for bytes of floats.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="machine">The machine.</param>
    public static double ConversionCycles(TensorShape shape, bool toBytes, InstructionSet set, MachineDescription machine) =>
        Cycles(ConversionWork(shape, toBytes, set, machine), machine);

    /// <summary>The work of such a conversion.</summary>
    internal static IReadOnlyList<WorkItem> ConversionWork(TensorShape shape, bool toBytes, InstructionSet set, MachineDescription machine)
    {
        double elements = shape.ElementCount,
            floats = elements * sizeof(float);
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, toBytes ? floats : elements)
            .AddWrite(machine, toBytes ? elements : floats)
            .Add("byte.vector", 2 * elements / MachineDescription.Lanes(set))
            .Items;
    }

    /// <summary>The work of a copy between blocks of 16 channels and stripes of 16 pixels, either way.</summary>
    internal static IReadOnlyList<WorkItem> StripeWork(TensorShape shape, InstructionSet set, MachineDescription machine)
    {
        var squares = (double)shape.Batch * StripeLayout.StripesOf(shape) * shape.Channels / BufferPlanner.Block;
        var bytes = (double)shape.ElementCount * sizeof(float);
        return new WorkList()
            .Add("layer", 1)
            .AddRead(machine, bytes)
            .AddWrite(machine, bytes)
            .Add("stripe.square", squares * machine.VectorScale(set))
            .Items;
    }

    /// <summary>Microseconds of a layer on one thread.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="peakGigaflops">The multiply-add peak of one thread with that instruction set, which gives the frequency.</param>
    public static double Microseconds(LayerPlan layer, InstructionSet set, MachineDescription machine, double peakGigaflops) =>
        1e-3 * Cycles(layer, set, machine) / machine.Gigahertz(peakGigaflops, set);
}
