using Subp.Compiler.Families.BlockedElementwise;
using Subp.Compiler.Families.ChannelGathers;
using Subp.Compiler.Families.Depthwise;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.LayoutCopies;
using Subp.Compiler.Families.LinearLayers;
using Subp.Compiler.Families.Pooling;
using Subp.Compiler.Families.StripeCopies;
using Subp.Compiler.Families.StripedConvolutions;
using Subp.Compiler.Families.VectorSoftmax;
using Subp.Compiler.Families.WindowCopies;
using Subp.Compiler.Families.Winograd;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Tests.Planning;

/// <summary>
/// Which floats of the arena a rectangle of tasks reads and writes, one by one, from the definition of each operator. It knows nothing of
/// the compiler's own reckoning by rows, which it is there to check.
/// </summary>
internal sealed class TaskTouches(Action<int> read, Action<int> write)
{
    /// <summary>Names every float, some more than once.</summary>
    public void Visit(LayerPlan layer, WorkRange range)
    {
        for (var tile = range.TileFrom; tile < range.TileTo; tile++)
        {
            for (var group = range.GroupFrom; group < range.GroupTo; group++)
                VisitTask(layer, group, tile);
        }

        if (layer.HaloToClear is { } output)
            VisitHalo(layer, output, range);
    }

    private void VisitTask(LayerPlan layer, int group, int tile)
    {
        switch (layer)
        {
            case ConvolutionPlan plan:
                VisitConvolution(plan, group, tile);
                break;
            case WinogradPlan plan:
                VisitWinograd(plan, group, tile);
                break;
            case LinearPlan plan:
                for (var feature = 0; feature < plan.InputFeatures; feature++)
                    Touch(read, plan.Inputs[0]!, tile, feature, 0, 0);
                Lanes(write, plan.Output!, tile, group, 0, 0);
                break;
            case SoftmaxPlan plan:
                for (var feature = 0; feature < plan.Output!.Shape.Channels; feature++)
                {
                    Touch(read, plan.Inputs[0]!, tile, feature, 0, 0);
                    Touch(write, plan.Output, tile, feature, 0, 0);
                }

                break;
            case GlobalPoolPlan plan:
                foreach (var (y, x) in Pixels(plan.Inputs[0]!.Height, plan.Inputs[0]!.Width))
                    Lanes(read, plan.Inputs[0]!, tile, group, y, x);
                Lanes(write, plan.Output!, tile, group, 0, 0);
                break;
            case CopyPlan plan:
                VisitCopy(plan, group, tile);
                break;
            case StripedConvolutionPlan plan:
                VisitStriped(plan, group, tile);
                break;
            case StripeCopyPlan plan:
                VisitStripeCopy(plan, group, tile);
                break;
            default:
                for (var x = 0; x < layer.Output!.Width; x++)
                    VisitPixel(layer, group, tile / layer.Output.Height, tile % layer.Output.Height, x);
                break;
        }
    }

    private void VisitPixel(LayerPlan layer, int group, int image, int y, int x)
    {
        var input = layer.Inputs[0]!;
        switch (layer)
        {
            case DepthwisePlan { Convolution.Window: var window }:
                foreach (var (row, column) in Taps(window, y, x))
                    Lanes(read, input, image, group, row, column);
                break;
            case PoolPlan { Pool.Window: var window }:
                foreach (
                    var (row, column) in Taps(window, y, x)
                        .Where(tap => tap.Row >= 0 && tap.Row < input.Height && tap.Column >= 0 && tap.Column < input.Width)
                )
                    Lanes(read, input, image, group, row, column);
                break;
            case ElementwisePlan plan:
                Lanes(read, input, image, group, y, x);
                foreach (var other in plan.Inputs.Skip(1))
                    Lanes(read, other!, image, group, plan.IsGate ? 0 : y, plan.IsGate ? 0 : x);
                break;
            case ChannelGatherPlan plan:
                foreach (var source in plan.Sources.Skip(group * 16).Take(16))
                    Lanes(read, plan.Inputs[source.Input]!, image, source.Channel / 16, y, x);
                break;
            case WindowCopyPlan plan:
                var (line, place) = (
                    (y / plan.Repeat.Height * plan.Step.Height) + plan.Begin.Height,
                    (x / plan.Repeat.Width * plan.Step.Width) + plan.Begin.Width
                );
                if (line >= 0 && line < input.Height && place >= 0 && place < input.Width)
                    Lanes(read, input, image, group, line, place);
                break;
            default:
                throw new InvalidOperationException($"What does {layer.GetType().Name} read?");
        }

        Lanes(write, layer.Output!, image, group, y, x);
    }

    private void VisitConvolution(ConvolutionPlan plan, int group, int tile)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var (image, first) = (tile / plan.BandsPerImage, tile % plan.BandsPerImage * plan.BandRows);
        var channels = Enumerable
            .Range(group * plan.Pattern.BlockLength, plan.Pattern.BlockLength)
            .Where(channel => channel < output.ChannelBlocks * 16)
            .ToArray();
        foreach (var (y, x) in Pixels(output.Height, output.Width).Where(pixel => pixel.Y >= first && pixel.Y < first + plan.BandRows))
        {
            foreach (var (row, column) in Taps(plan.Convolution.Window, y, x))
            {
                foreach (var channel in plan.Pattern.Kept(group))
                    Touch(read, input, image, channel, row, column);
            }

            foreach (var channel in channels)
            {
                foreach (var residual in plan.Inputs.Skip(1))
                    Touch(read, residual!, image, channel, y, x);
                Touch(write, output, image, channel, y, x);
            }
        }
    }

    // Every pixel of the stripes, also those behind the last of an image.
    private void VisitStriped(StripedConvolutionPlan plan, int group, int tile)
    {
        var (image, span) = (tile / plan.Spans.Count, tile % plan.Spans.Count);
        var length = plan.Pattern.BlockLength;
        for (var pixel = plan.Spans.FirstStripe(span) * 16; pixel < plan.Spans.FirstStripe(span + 1) * 16; pixel++)
        {
            foreach (var channel in plan.Pattern.Kept(group))
                TouchStripe(read, plan.Inputs[0]!, image, channel, pixel);
            for (var channel = group * length; channel < (group + 1) * length; channel++)
            {
                foreach (var residual in plan.Inputs.Skip(1))
                    TouchStripe(read, residual!, image, channel, pixel);
                TouchStripe(write, plan.Output!, image, channel, pixel);
            }
        }
    }

    private void VisitStripeCopy(StripeCopyPlan plan, int group, int tile)
    {
        var (image, band, width) = (tile / plan.BandsPerImage, tile % plan.BandsPerImage, plan.Output!.Width);
        var (from, to) = (band * plan.BandRows, Math.Min(plan.Output.Height, (band + 1) * plan.BandRows));
        var (striped, blocked) = plan.ToStripes ? (plan.Output, plan.Inputs[0]!) : (plan.Inputs[0]!, plan.Output);
        var (ofStripes, ofBlocks) = plan.ToStripes ? (write, read) : (read, write);
        for (var pixel = from * width; pixel < (to * width + 15) / 16 * 16; pixel++)
        {
            for (var lane = 0; lane < 16; lane++)
                TouchStripe(ofStripes, striped, image, (group * 16) + lane, pixel);
            if (pixel < to * width)
                Lanes(ofBlocks, blocked, image, group, pixel / width, pixel % width);
        }
    }

    private static void TouchStripe(Action<int> touch, BufferPlan buffer, int image, int channel, int pixel) =>
        touch(buffer.Offset + (image * buffer.BatchStride) + (((pixel / 16 * buffer.Shape.Channels) + channel) * 16) + (pixel % 16));

    private void VisitWinograd(WinogradPlan plan, int group, int tile)
    {
        if (plan.Pool is not null)
        {
            VisitPooled(plan, group, tile);
            return;
        }

        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var (size, window) = (plan.Transform.OutputSize, plan.Convolution.Window);
        var image = tile / (plan.TileRows * plan.TileColumns);
        var (top, left) = (tile / plan.TileColumns % plan.TileRows * size, tile % plan.TileColumns * size);
        if (plan.IsPhased)
        {
            // Every second row and column belongs to one phase, so a tile reads twice as many of each.
            foreach (var (y, x) in Pixels(2 * plan.Transform.InputSize, 2 * plan.Transform.InputSize))
            {
                for (var channel = 0; channel < input.Shape.Channels; channel++)
                    Touch(read, input, image, channel, (2 * top) + y - window.Padding.Top, (2 * left) + x - window.Padding.Left);
            }
        }

        foreach (var (y, x) in Pixels(size + 2, size + 2).Where(_ => !plan.IsPhased))
        {
            for (var block = 0; block < input.ChannelBlocks; block++)
                Lanes(read, input, image, block, top + y - window.Padding.Top, left + x - window.Padding.Left);
        }

        var length = plan.Pattern.BlockLength;
        for (var channel = group * length; channel < (group + 1) * length; channel++)
        {
            foreach (var (y, x) in Pixels(Math.Min(size, output.Height - top), Math.Min(size, output.Width - left)))
            {
                foreach (var residual in plan.Inputs.Skip(1))
                    Touch(read, residual!, image, channel, top + y, left + x);
                Touch(write, output, image, channel, top + y, left + x);
            }
        }
    }

    // A row of tiles with the one before it, whose last pixels it pools, and two rows of the result.
    private void VisitPooled(WinogradPlan plan, int group, int tileRow)
    {
        var (input, output, window) = (plan.Inputs[0]!, plan.Output!, plan.Convolution.Window);
        var (image, row) = (tileRow / plan.TileRows, tileRow % plan.TileRows);
        var (first, size) = (Math.Max(0, row - 1), 2 * plan.Transform.OutputSize);
        var reach = 2 * (plan.Transform.InputSize - plan.Transform.OutputSize);
        foreach (var (y, x) in Pixels(((row + 1 - first) * size) + reach, (plan.TileColumns * size) + reach))
        {
            for (var channel = 0; channel < input.Shape.Channels; channel++)
                Touch(read, input, image, channel, (first * size) + y - window.Padding.Top, x - window.Padding.Left);
        }

        for (var channel = group * plan.Pattern.BlockLength; channel < (group + 1) * plan.Pattern.BlockLength; channel++)
        {
            foreach (var (y, x) in Pixels(Math.Min(2, output.Height - (2 * row)), output.Width))
                Touch(write, output, image, channel, (2 * row) + y, x);
        }
    }

    private void VisitCopy(CopyPlan plan, int group, int tile)
    {
        var (height, width) = plan.Shape.IsImage ? (plan.Shape.Height, plan.Shape.Width) : (1, 1);
        for (var channel = group * 16; channel < Math.Min((group + 1) * 16, plan.Shape.Channels); channel++)
        {
            for (var x = 0; x < width; x++)
            {
                if (plan.Inputs[0] is { } input)
                    TouchSide(read, input, channel, x);
                if (plan.Output is { } output)
                    TouchSide(write, output, channel, x);
            }
        }

        void TouchSide(Action<int> touch, BufferPlan buffer, int channel, int x)
        {
            if (buffer.Shape.IsImage)
                Touch(touch, buffer, tile / height, channel, tile % height, x);
            else
                Touch(touch, buffer, tile / height, (channel * height * width) + (tile % height * width) + x, 0, 0);
        }
    }

    /// <summary>
    /// The zeros around the output: beside each row by whoever computes it, above the first and below the last, of planes that begin in the
    /// range.
    /// </summary>
    private void VisitHalo(LayerPlan layer, BufferPlan output, WorkRange range)
    {
        var blocked = output.Layout == Layout.Blocked16;
        var channels = layer switch
        {
            ConvolutionPlan plan => plan.Pattern.BlockLength,
            WinogradPlan plan => plan.Pattern.BlockLength,
            _ => 16,
        };
        var planes = blocked ? output.ChannelBlocks : output.Shape.Channels;
        var channelsOfPlane = blocked ? 16 : 1;
        for (var plane = 0; plane < planes; plane++)
        {
            if (plane * channelsOfPlane < range.GroupFrom * channels || plane * channelsOfPlane >= range.GroupTo * channels)
                continue;
            for (var row = 0; row < output.Shape.Batch * output.Height; row++)
            {
                var (image, y) = (row / output.Height, row % output.Height);
                var tile = layer switch
                {
                    ConvolutionPlan plan => (image * plan.BandsPerImage) + (y / plan.BandRows),
                    StripeCopyPlan plan => (image * plan.BandsPerImage) + (y / plan.BandRows),
                    WinogradPlan plan => ((image * plan.TileRows) + (y / plan.Transform.OutputSize)) * plan.TileColumns,
                    _ => row,
                };
                if (tile < range.TileFrom || tile >= range.TileTo)
                    continue;
                var from = y == 0 ? -output.Halo.Top : y;
                var to = y == output.Height - 1 ? output.Height + output.Halo.Bottom : y + 1;
                for (var line = from; line < to; line++)
                {
                    for (var x = -output.Halo.Left; x < output.Width + output.Halo.Right; x++)
                    {
                        for (var lane = 0; lane < channelsOfPlane && (line != y || x < 0 || x >= output.Width); lane++)
                            Touch(write, output, image, (plane * channelsOfPlane) + lane, line, x);
                    }
                }
            }
        }
    }

    private static IEnumerable<(int Row, int Column)> Taps(Window window, int y, int x) =>
        Pixels(window.Kernel.Height, window.Kernel.Width)
            .Select(tap =>
                (
                    (y * window.Stride.Height) - window.Padding.Top + (tap.Y * window.Dilation.Height),
                    (x * window.Stride.Width) - window.Padding.Left + (tap.X * window.Dilation.Width)
                )
            );

    private static IEnumerable<(int Y, int X)> Pixels(int height, int width) =>
        Enumerable.Range(0, height).SelectMany(y => Enumerable.Range(0, width).Select(x => (y, x)));

    private static void Lanes(Action<int> touch, BufferPlan buffer, int image, int block, int y, int x)
    {
        for (var lane = 0; lane < 16; lane++)
            Touch(touch, buffer, image, (block * 16) + lane, y, x);
    }

    private static void Touch(Action<int> touch, BufferPlan buffer, int image, int channel, int y, int x)
    {
        var place = buffer.Offset + (image * buffer.BatchStride);
        touch(
            !buffer.Shape.IsImage
                ? place + channel
                : place
                    + buffer.ChannelOffset(channel)
                    + ((y + buffer.Halo.Top) * buffer.RowPitch)
                    + ((x + buffer.Halo.Left) * buffer.PixelStride)
        );
    }
}
