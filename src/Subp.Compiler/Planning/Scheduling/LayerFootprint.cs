using Subp.Compiler.Planning.Convolutions;
using Subp.Compiler.Planning.Layers;
using Subp.Compiler.Planning.Winograd;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Scheduling;

/// <summary>
/// What one thread's part of a layer reads and writes in the arena: whole rows of planes, halo included, never less than the kernel
/// touches. The caller's input and output are not in it: the one is never written, the other never read.
/// </summary>
/// <param name="Reads">What it reads.</param>
/// <param name="Writes">What it writes.</param>
internal sealed record LayerFootprint(IReadOnlyList<ArenaSpan> Reads, IReadOnlyList<ArenaSpan> Writes)
{
    /// <summary>The footprint of some rectangles of a layer.</summary>
    public static LayerFootprint Of(LayerPlan layer, IReadOnlyList<WorkRange> ranges)
    {
        var (reads, writes) = (new SpanList(), new SpanList());
        foreach (var range in ranges.Where(range => range.Tasks > 0))
            Add(layer, range, reads, writes);
        return new LayerFootprint(reads.Spans, writes.Spans);
    }

    private static void Add(LayerPlan layer, WorkRange range, SpanList reads, SpanList writes)
    {
        switch (layer)
        {
            case ConvolutionPlan plan:
                AddConvolution(plan, range, reads, writes);
                break;
            case WinogradPlan plan:
                AddWinograd(plan, range, reads, writes);
                break;
            case DepthwisePlan plan:
                AddWindow(plan, plan.Convolution.Window, range, reads, writes);
                break;
            case PoolPlan plan:
                AddWindow(plan, plan.Pool.Window, range, reads, writes);
                break;
            case WindowCopyPlan plan:
                foreach (var (image, from, to) in Rows(range, plan.Output!.Height, 1, plan.Output.Height))
                {
                    reads.Rows(
                        plan.Inputs[0]!,
                        image,
                        range.GroupFrom,
                        range.GroupTo,
                        (from * plan.Step.Height) + plan.Begin.Height,
                        ((to - 1) * plan.Step.Height) + plan.Begin.Height + 1
                    );
                    writes.OutputRows(plan.Output, image, range.GroupFrom, range.GroupTo, from, to);
                }

                break;
            case ElementwisePlan plan:
                AddElementwise(plan, range, reads, writes);
                break;
            case ChannelGatherPlan plan:
                foreach (var (image, from, to) in Rows(range, plan.Output!.Height, 1, plan.Output.Height))
                {
                    foreach (var input in plan.Inputs)
                        reads.Rows(input!, image, 0, Planes(input!), from, to);
                    writes.OutputRows(plan.Output, image, range.GroupFrom, range.GroupTo, from, to);
                }

                break;
            case GlobalPoolPlan plan:
                for (var image = range.TileFrom; image < range.TileTo; image++)
                {
                    reads.Rows(plan.Inputs[0]!, image, range.GroupFrom, range.GroupTo, 0, plan.Inputs[0]!.Height);
                    writes.OutputRows(plan.Output!, image, range.GroupFrom, range.GroupTo, 0, 1);
                }

                break;
            case LinearPlan:
                for (var image = range.TileFrom; image < range.TileTo; image++)
                {
                    reads.Image(layer.Inputs[0], image);
                    writes.OutputRows(layer.Output, image, range.GroupFrom, range.GroupTo, 0, 1);
                }

                break;
            case SoftmaxPlan:
                for (var image = range.TileFrom; image < range.TileTo; image++)
                {
                    reads.Image(layer.Inputs[0], image);
                    writes.Image(layer.Output, image);
                }

                break;
            case CopyPlan plan:
                AddCopy(plan, range, reads, writes);
                break;
            case FamilyPlan plan:
                plan.AddFootprint(range, reads, writes);
                break;
            default:
                // A layer of which nothing is known reads and writes its values whole.
                foreach (var input in layer.Inputs)
                    reads.Whole(input);
                writes.Whole(layer.Output);
                break;
        }
    }

    private static void AddConvolution(ConvolutionPlan plan, WorkRange range, SpanList reads, SpanList writes)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Convolution.Window;
        var planes = ReadPlanes(plan, range);
        var length = plan.Pattern.BlockLength;
        var (blockFrom, blockTo) = (range.GroupFrom * length / 16, Math.Min(output.ChannelBlocks, ((range.GroupTo * length) + 15) / 16));
        foreach (var (image, from, to) in Rows(range, plan.BandsPerImage, plan.BandRows, output.Height))
        {
            foreach (var (planeFrom, planeTo) in planes)
                reads.Window(input, image, planeFrom, planeTo, window, from, to);
            foreach (var residual in plan.Inputs.Skip(1))
                reads.Rows(residual!, image, blockFrom, blockTo, from, to);
            writes.OutputRows(output, image, blockFrom, blockTo, from, to);
        }
    }

    /// <summary>The planes of the input channels that the groups of a range keep, as runs.</summary>
    private static List<(int From, int To)> ReadPlanes(ConvolutionPlan plan, WorkRange range)
    {
        var input = plan.Inputs[0]!;
        var used = new bool[Planes(input)];
        for (var group = range.GroupFrom; group < range.GroupTo; group++)
        {
            foreach (var channel in plan.Pattern.Kept(group))
                used[input.Layout == Layout.Blocked16 || !input.Shape.IsImage ? channel / 16 : channel] = true;
        }

        var runs = new List<(int From, int To)>();
        for (var plane = 0; plane < used.Length; plane++)
        {
            if (used[plane] && plane > 0 && used[plane - 1])
                runs[runs.Count - 1] = (runs[runs.Count - 1].From, plane + 1);
            else if (used[plane])
                runs.Add((plane, plane + 1));
        }

        return runs;
    }

    private static void AddWinograd(WinogradPlan plan, WorkRange range, SpanList reads, SpanList writes)
    {
        var output = plan.Output!;
        var size = plan.Transform.OutputSize;
        var channels = plan.Pattern.BlockLength;
        var (blockFrom, blockTo) = (
            range.GroupFrom * channels / 16,
            Math.Min(output.ChannelBlocks, ((range.GroupTo * channels) + 15) / 16)
        );
        // Tiles that begin or end within a row of tiles count as the whole row.
        var rowsOfTiles = range with
        {
            TileFrom = range.TileFrom / plan.TileColumns,
            TileTo = (range.TileTo + plan.TileColumns - 1) / plan.TileColumns,
        };
        var window = plan.Convolution.Window;
        foreach (var (image, from, to) in Rows(rowsOfTiles, plan.TileRows, size, output.Height))
        {
            // The last tiles read as if they lay inside the image.
            var last = (to + size - 1) / size * size;
            reads.Window(plan.Inputs[0]!, image, 0, plan.Inputs[0]!.ChannelBlocks, window, from, last);
            foreach (var residual in plan.Inputs.Skip(1))
                reads.Rows(residual!, image, blockFrom, blockTo, from, to);
            writes.OutputRows(output, image, blockFrom, blockTo, from, to);
        }
    }

    private static void AddWindow(LayerPlan layer, Window window, WorkRange range, SpanList reads, SpanList writes)
    {
        var output = layer.Output!;
        foreach (var (image, from, to) in Rows(range, output.Height, 1, output.Height))
        {
            reads.Window(layer.Inputs[0]!, image, range.GroupFrom, range.GroupTo, window, from, to);
            writes.OutputRows(output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    private static void AddElementwise(ElementwisePlan plan, WorkRange range, SpanList reads, SpanList writes)
    {
        var output = plan.Output!;
        foreach (var (image, from, to) in Rows(range, output.Height, 1, output.Height))
        {
            reads.Rows(plan.Inputs[0]!, image, range.GroupFrom, range.GroupTo, from, to);
            foreach (var other in plan.Inputs.Skip(1))
                reads.Rows(other!, image, range.GroupFrom, range.GroupTo, plan.IsGate ? 0 : from, plan.IsGate ? other!.Height : to);
            writes.OutputRows(output, image, range.GroupFrom, range.GroupTo, from, to);
        }
    }

    private static void AddCopy(CopyPlan plan, WorkRange range, SpanList reads, SpanList writes)
    {
        var height = plan.Shape.IsImage ? plan.Shape.Height : 1;
        foreach (var (image, from, to) in Rows(range, height, 1, height))
        {
            if (plan.Inputs[0] is { } input)
                AddSide(reads, input, isOutput: false);
            if (plan.Output is { } output)
                AddSide(writes, output, isOutput: true);

            void AddSide(SpanList spans, BufferPlan buffer, bool isOutput)
            {
                // Flattened images lie channel by channel in a vector; which rows are whose is not worth knowing.
                if (!buffer.Shape.IsImage || buffer.Layout == Layout.Dense)
                {
                    if (buffer.Layout != Layout.Dense && buffer.Shape.Batch == plan.Shape.Batch)
                        spans.Image(buffer, image);
                    else
                        spans.Whole(buffer);
                    return;
                }

                var blocked = buffer.Layout == Layout.Blocked16;
                var (planeFrom, planeTo) = blocked
                    ? (range.GroupFrom, range.GroupTo)
                    : (range.GroupFrom * 16, Math.Min(range.GroupTo * 16, buffer.Shape.Channels));
                if (isOutput)
                    spans.OutputRows(buffer, image, planeFrom, planeTo, from, to);
                else
                    spans.Rows(buffer, image, planeFrom, planeTo, from, to);
            }
        }
    }

    private static int Planes(BufferPlan buffer) =>
        buffer.Layout == Layout.Blocked16 || !buffer.Shape.IsImage ? buffer.ChannelBlocks : buffer.Shape.Channels;

    /// <summary>The images of a range of tiles with the rows of each.</summary>
    private static IEnumerable<(int Image, int From, int To)> Rows(WorkRange range, int tilesPerImage, int rowsPerTile, int height)
    {
        for (var image = range.TileFrom / tilesPerImage; image * tilesPerImage < range.TileTo; image++)
        {
            var from = Math.Max(0, range.TileFrom - (image * tilesPerImage));
            var to = Math.Min(tilesPerImage, range.TileTo - (image * tilesPerImage));
            yield return (image, from * rowsPerTile, Math.Min(height, to * rowsPerTile));
        }
    }
}
