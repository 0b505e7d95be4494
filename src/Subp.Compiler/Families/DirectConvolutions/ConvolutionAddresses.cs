using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Pointer expressions of a convolution's layer method, from the loop variables <c>group</c>, <c>part</c>, <c>image</c>, row and column.
/// </summary>
internal sealed class ConvolutionAddresses(ConvolutionPlan plan, ConvolutionKernel kernel)
{
    /// <summary>Output channels that the registers hold at a time.</summary>
    public int PartChannels => kernel.Unit.Lanes * kernel.Tile.Vectors;

    /// <summary>The first input pixel of the tile at an output row and column.</summary>
    public string Input(string row, string column)
    {
        var stride = plan.Convolution.Window.Stride;
        return "input" + Pixel(plan.Inputs[0]!, row, column, stride.Height, stride.Width);
    }

    /// <summary>The first pixel of the tile in the output or the residual, at this group's (and part's) first channel.</summary>
    public string Tile(string pointer, BufferPlan buffer, string row, string column) =>
        pointer + Channel(buffer) + Pixel(buffer, row, column, 1, 1);

    /// <summary>The same for a group and part that are constants.</summary>
    public string Tile(string pointer, BufferPlan buffer, string row, string column, int group, int part)
    {
        var channel = (group * plan.Pattern.BlockLength) + (part * PartChannels);
        return KernelText.Offset(pointer, StraightLineWriter.ChannelOffset(buffer, channel)) + Pixel(buffer, row, column, 1, 1);
    }

    /// <summary>The distance of this group's (and part's) first channel, as a term. Blocks of 16 channels are planes apart.</summary>
    private string Channel(BufferPlan buffer)
    {
        var length = plan.Pattern.BlockLength;
        var channel = kernel.Parts == 1 ? Invariant($"group * {length}") : Invariant($"group * {length} + part * {PartChannels}");
        if (!buffer.Shape.IsImage)
            return " + " + channel;
        return length % 16 == 0 && kernel.Parts == 1
            ? Invariant($" + group * {length / 16 * buffer.PlaneStride}")
            : Invariant($" + (({channel}) >> 4) * {buffer.PlaneStride} + (({channel}) & 15)");
    }

    private string Pixel(BufferPlan buffer, string row, string column, int rowStep, int columnStep)
    {
        var image = KernelText.ImageTerm(plan.Batch, buffer.BatchStride);
        if (!buffer.Shape.IsImage)
            return image;
        var text = image + Invariant($" + {row} * {rowStep * buffer.RowPitch}");
        return column == "0" ? text : text + " + " + KernelText.Scaled(column, columnStep * buffer.PixelStride);
    }
}
