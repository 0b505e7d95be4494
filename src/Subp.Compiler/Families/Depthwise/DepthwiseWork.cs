using Subp.Compiler.Planning.Costs;

namespace Subp.Compiler.Families.Depthwise;

/// <summary>
/// What a depthwise convolution does: one load for each multiply-add, and lines that come from the second-level cache or further.
/// </summary>
internal static class DepthwiseWork
{
    /// <summary>The work of a plan.</summary>
    public static IReadOnlyList<WorkItem> Items(DepthwisePlan plan, InstructionSet set, MachineDescription machine)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Convolution.Window;
        var vectors = (double)output.Shape.Batch * output.ChannelBlocks * output.Height * output.Width * 16 / MachineDescription.Lanes(set);
        return new WorkList()
            .Add("layer", 1)
            .Add("depthwise.tap", vectors * window.Kernel.Height * window.Kernel.Width)
            .Add("depthwise.vector", vectors)
            .Add("depthwise.row", (double)output.Shape.Batch * output.ChannelBlocks * output.Height)
            .AddRead(machine, (double)input.Shape.ElementCount * sizeof(float))
            .AddWrite(machine, (double)output.Shape.ElementCount * sizeof(float))
            .AddActivation(plan.Activation, vectors)
            .Items;
    }
}
