using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.LayoutCopies;

/// <summary>
/// Writes copies between layouts. Both sides are described by the same strides (image, channel, row, pixel), so one loop nest serves all
/// conversions; the dense NCHW of the caller and flattened vectors are the case with a pixel stride of one.
/// </summary>
internal static class CopyWriter
{
    private readonly record struct Side(int Batch, int Row, int Pixel, int Interleaved, int Plane)
    {
        /// <summary>Whether channels are neighbours.</summary>
        public bool IsRun => Interleaved == 1 && Plane == 1;

        /// <summary>The distance of a channel, as an expression of <c>channel</c>.</summary>
        public string Channel =>
            Interleaved == 1
                ? KernelText.Scaled("channel", Plane)
                : Invariant($"channel / {Interleaved} * {Plane} + channel % {Interleaved}");
    }

    /// <summary>Writes the layer method for one instruction set; the code is the same for all.</summary>
    public static void Write(CSharpWriter writer, CopyPlan plan, InstructionSet set)
    {
        var shape = plan.Shape;
        var pixels = shape.IsImage ? shape.Height * shape.Width : 1;
        var source = Describe(plan.Inputs[0], shape);
        var target = Describe(plan.Output, shape);
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}, {KernelText.Extent(shape)}.",
                $"internal static void {plan.MethodStem}(float* input, float* output, {KernelText.RangeParameters})"
            )
        )
        {
            writer.Line("// A task is 16 channels (group) of one row of an image (tile).");
            writer.Line("int channelFrom = range.GroupFrom * 16;");
            writer.Line($"int channelTo = System::Math.Min(range.GroupTo * 16, {shape.Channels});");
            // The features of a vector follow each other on both sides.
            if (pixels == 1 && source.IsRun && target.IsRun)
                WriteRuns(writer, shape, source, target);
            else
                WritePlanes(writer, shape, source, target);

            var planes = plan.Output is { InterleavedChannels: 16 } ? ("range.GroupFrom", "range.GroupTo") : ("channelFrom", "channelTo");
            KernelText.ClearHalo(writer, plan.HaloToClear, planes, 1);
        }

        writer.Line();
    }

    private static void WriteRuns(CSharpWriter writer, TensorShape shape, Side source, Side target)
    {
        writer.Line("int count = channelTo - channelFrom;");
        using (writer.Block("for (int image = range.TileFrom; image < range.TileTo; image++)"))
        {
            writer.Line($"float* source = input + channelFrom{KernelText.ImageTerm(shape.Batch, source.Batch)};");
            writer.Line($"float* target = output + channelFrom{KernelText.ImageTerm(shape.Batch, target.Batch)};");
            writer.Line("new System::ReadOnlySpan<float>(source, count).CopyTo(new System::Span<float>(target, count));");
        }
    }

    private static void WritePlanes(CSharpWriter writer, TensorShape shape, Side source, Side target)
    {
        var (height, width) = shape.IsImage ? (shape.Height, shape.Width) : (1, 1);
        using (writer.Block("for (int channel = channelFrom; channel < channelTo; channel++)"))
        {
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                KernelText.SplitTile(writer, shape.Batch, height, 1, hasRows: true);
                writer.Line(
                    $"float* source = input + {source.Channel}{KernelText.ImageTerm(shape.Batch, source.Batch)} + row * {source.Row};"
                );
                writer.Line(
                    $"float* target = output + {target.Channel}{KernelText.ImageTerm(shape.Batch, target.Batch)} + row * {target.Row};"
                );
                if (source.Pixel == 1 && target.Pixel == 1)
                {
                    writer.Line($"new System::ReadOnlySpan<float>(source, {width}).CopyTo(new System::Span<float>(target, {width}));");
                }
                else
                {
                    using (writer.Block($"for (int column = 0; column < {width}; column++)"))
                        writer.Line(
                            $"target[{KernelText.Scaled("column", target.Pixel)}] = "
                                + $"source[{KernelText.Scaled("column", source.Pixel)}];"
                        );
                }
            }
        }
    }

    /// <summary>
    /// The strides of one side. The caller's memory is dense. A flattened image is dense NCHW inside each padded vector, and so are all
    /// images inside one vector that holds the whole batch; a buffer of the copied shape has its own strides.
    /// </summary>
    private static Side Describe(BufferPlan? buffer, TensorShape shape)
    {
        var (height, width) = shape.IsImage ? (shape.Height, shape.Width) : (1, 1);
        if (buffer is null or { Layout: Layout.Dense })
            return new Side(shape.ElementCount / shape.Batch, width, 1, 1, height * width);
        return buffer.Shape.IsImage
            ? new Side(buffer.BatchStride, buffer.RowPitch, buffer.PixelStride, buffer.InterleavedChannels, buffer.PlaneStride)
            : new Side(
                buffer.Shape.Batch == shape.Batch ? buffer.BatchStride : shape.ElementCount / shape.Batch,
                width,
                1,
                1,
                height * width
            );
    }
}
