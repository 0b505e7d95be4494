using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Costs;
using Subp.Compiler.Planning.Scheduling;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.LayoutCopies;

/// <summary>
/// A copy between layouts: the caller's dense NCHW to planar or blocked, blocked or padded vectors to dense NCHW, flattening, and
/// vectors to images.
/// </summary>
/// <param name="Frame">What every step has.</param>
internal sealed record CopyPlan(LayerFrame Frame) : ImagePlan(Frame)
{
    /// <summary>The shape that is copied, before flattening or after a vector became an image.</summary>
    public required TensorShape Shape { get; init; }

    /// <inheritdoc/>
    public override void AddFootprint(WorkRange range, SpanList reads, SpanList writes)
    {
        var height = Shape.IsImage ? Shape.Height : 1;
        foreach (var (image, from, to) in RowsOf(range, height, 1, height))
        {
            if (Inputs[0] is { } input)
                AddSide(reads, input, isOutput: false);
            if (Output is { } output)
                AddSide(writes, output, isOutput: true);

            void AddSide(SpanList spans, BufferPlan buffer, bool isOutput)
            {
                // Flattened images lie channel by channel in a vector; which rows are whose is not worth knowing.
                if (!buffer.Shape.IsImage || buffer.Layout == Layout.Dense)
                {
                    if (buffer.Layout != Layout.Dense && buffer.Shape.Batch == Shape.Batch)
                        spans.Image(buffer, image);
                    else
                        spans.Whole(buffer);
                    return;
                }

                // A task has 16 channels.
                var planes = 16 / buffer.InterleavedChannels;
                var (planeFrom, planeTo) = (range.GroupFrom * planes, Math.Min(range.GroupTo * planes, buffer.Planes));
                if (isOutput)
                    spans.OutputRows(buffer, image, planeFrom, planeTo, from, to);
                else
                    spans.Rows(buffer, image, planeFrom, planeTo, from, to);
            }
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<WorkItem> Work(InstructionSet set, MachineDescription machine)
    {
        // Copies from and to the caller's layout move single floats where channels are interleaved, whole rows where they are not.
        var isTransposed = IsInterleaved(Inputs[0]) || IsInterleaved(Output);
        return Stream(machine)
            .Add("copy.row", (double)Shape.Batch * Shape.Channels * (Shape.IsImage ? Shape.Height : 1))
            .Add(isTransposed ? "copy.transposed" : "copy.value", Node.Shape.ElementCount)
            .Items;
    }

    private static bool IsInterleaved(BufferPlan? buffer) => buffer is { InterleavedChannels: > 1, Shape.IsImage: true };

    /// <inheritdoc/>
    protected override string OperationName => $"copy_{LayoutWord(Inputs[0])}_to_{LayoutWord(Output)}";

    private static string LayoutWord(BufferPlan? buffer) => (buffer?.Layout ?? Layout.Nchw).ToString().ToLowerInvariant();
}
