using Subp.Compiler.Planning.Layers;
using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Costs;

/// <summary>
/// What steps do that read and write values once: pooling, element-wise steps, copies, softmax, and linear layers, which read their weights
/// once.
/// </summary>
internal static class StreamWork
{
    /// <summary>The work of a plan.</summary>
    public static IReadOnlyList<WorkItem> Items(LayerPlan plan, InstructionSet set, MachineDescription machine)
    {
        var lanes = MachineDescription.Lanes(set);
        double output = plan.Node.Shape.ElementCount;
        var vectors = output / lanes;
        var work = new WorkList().Add("layer", 1).AddWrite(machine, output * sizeof(float));
        // The caller's input is read from wherever the caller left it.
        foreach (var input in plan.Inputs)
            work.AddRead(machine, (double)(input?.Shape.ElementCount ?? plan.Node.Shape.ElementCount) * sizeof(float));
        switch (plan)
        {
            case PoolPlan pool:
                return work.Add("pool.vector", vectors)
                    .Add("pool.tap", vectors * pool.Pool.Window.Kernel.Height * pool.Pool.Window.Kernel.Width)
                    .Items;
            case GlobalPoolPlan:
                return work.Add("mean.vector", (double)plan.Inputs[0]!.Shape.ElementCount / lanes).Items;
            case LinearPlan linear:
                return work.Add("linear.line", linear.DenseMacs / linear.Node.Shape.Batch * sizeof(float) / (double)WorkList.LineBytes)
                    .Add("linear.step", linear.DenseMacs / (double)lanes)
                    .Items;
            case SoftmaxPlan:
                return work.Add("softmax.value", output).Items;
            // Copies from and to the caller's layout move single floats where channels are interleaved, whole rows where they are not.
            case CopyPlan copy:
                return work.Add("copy.row", (double)copy.Shape.Batch * copy.Shape.Channels * (copy.Shape.IsImage ? copy.Shape.Height : 1))
                    .Add(IsInterleaved(copy.Inputs[0]) || IsInterleaved(copy.Output) ? "copy.transposed" : "copy.value", output)
                    .Items;
            case ChannelGatherPlan gather:
                return work.Add("gather.vector", vectors * (1 + SourceBlocks(gather))).Items;
            default:
                if (!plan.Activation.IsClamp)
                    work.Add("function", vectors);
                return work.Add("element.vector", vectors * (1 + plan.Inputs.Count)).Items;
        }
    }

    private static bool IsInterleaved(BufferPlan? buffer) => buffer is { Layout: Layout.Blocked16, Shape.IsImage: true };

    // Blocks of the operands that a block of the target takes channels from, on average: each is one permutation per pixel.
    private static double SourceBlocks(ChannelGatherPlan plan) =>
        plan.Sources.Select((source, channel) => (Target: channel / 16, source.Input, Block: source.Channel / 16)).Distinct().Count()
        / Math.Max(1.0, (plan.Sources.Count + 15) / 16);
}
