using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Writes one group of a convolution with the pattern in the instruction stream: each kept block is a stretch of code whose channel and
/// weights are constant distances. A group that would exceed the JIT's limits for one method is cut into segments; sums pass through the
/// output.
/// </summary>
internal sealed class StraightLineWriter(ConvolutionPlan plan, ConvolutionKernel kernel, int group, int part)
{
    /// <summary>The methods of a group in the order in which they run.</summary>
    public static IEnumerable<string> MethodNames(ConvolutionPlan plan, ConvolutionKernel kernel, int group, int part)
    {
        var segments = Segments(plan, kernel, group);
        for (var segment = 0; segment < segments; segment++)
        {
            yield return Invariant($"{plan.MethodStem}_Group{group}")
                + (kernel.Parts == 1 ? "" : Invariant($"_Part{part}"))
                + (segments == 1 ? "" : Invariant($"_Segment{segment}"));
        }
    }

    /// <summary>The distance of a channel in a value, image or vector.</summary>
    public static int ChannelOffset(BufferPlan buffer, int channel) => buffer.Shape.IsImage ? buffer.ChannelOffset(channel) : channel;

    /// <summary>Writes the methods of the group.</summary>
    public void Write(CSharpWriter writer)
    {
        var names = MethodNames(plan, kernel, group, part).ToArray();
        for (var segment = 0; segment < names.Length; segment++)
            WriteSegment(writer, names[segment], segment, names.Length);
    }

    private static int Segments(ConvolutionPlan plan, ConvolutionKernel kernel, int group) =>
        Math.Max(1, (plan.Pattern.Kept(group).Count + kernel.SegmentBlocks - 1) / kernel.SegmentBlocks);

    private void WriteSegment(CSharpWriter writer, string name, int segment, int segments)
    {
        var tile = new ConvolutionTileWriter(plan, kernel, kernel.Tile.Rows);
        var kept = plan.Pattern.Kept(group);
        // Segments of even length rather than full ones and a short rest.
        var from = (int)((long)kept.Count * segment / segments);
        var to = (int)((long)kept.Count * (segment + 1) / segments);
        var partChannels = kernel.Unit.Lanes * kernel.Tile.Vectors;
        var channel = (group * plan.Pattern.BlockLength) + (part * partChannels);
        var steps = ConvolutionTileWriter.NeedsSteps(plan, kernel, kernel.Tile.Rows);
        var optional = (plan.Inputs.Count > 1 ? ", float* residual" : "") + (steps ? ", long rowStep, long columnStep" : "");
        var blocks = kept.Count == 0 ? "no kept block" : Invariant($"kept blocks {from} to {to - 1} of {kept.Count}");
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"Output channels {channel} to {channel + partChannels - 1}, {blocks}: {kernel.Tile.Rows} x {kernel.Tile.Columns} "
                        + $"output pixels."
                ),
                $"private static void {name}(float* input, float* weights, float* bias, float* output{optional})"
            )
        )
        {
            tile.WriteRegisterRoles(writer);
            if (segment == 0 && channel > 0)
                writer.Line($"bias += {channel};");
            tile.WriteStart(writer, fromBias: segment == 0);
            for (var block = from; block < to; block++)
            {
                var inputChannel = kept[block];
                writer.Line();
                writer.Line($"// Block {block}: input channel {inputChannel}.");
                using (writer.Block())
                {
                    writer.Line($"float* pixel = {KernelText.Offset("input", plan.Inputs[0]!.ChannelOffset(inputChannel))};");
                    tile.WriteBlock(writer, ((plan.Pattern.FirstBlock(group) + block) * tile.BlockWeights) + (part * partChannels));
                }
            }

            writer.Line();
            tile.WriteEnd(writer, final: segment == segments - 1);
        }

        writer.Line();
    }
}
