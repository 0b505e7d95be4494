using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Values;

/// <summary>
/// The place of a value of bytes in the arena, which counts floats: four bytes each. In <see cref="Layout.ChannelsLast"/> the channels of a
/// pixel, or the features of an image, are side by side and padded to <see cref="ChannelPitch"/>; what the padding holds is never used. In
/// <see cref="Layout.Dense"/> bytes lie in row-major order without gaps.
/// </summary>
internal static class ByteLayout
{
    /// <summary>Bytes that kernels may read beyond a value; nothing of them is used.</summary>
    public const int Slack = 64;

    /// <summary>Images of up to this many channels, those of stems, take one quad of bytes a pixel.</summary>
    public const int FewChannels = 4;

    /// <summary>The bytes from one pixel to the next.</summary>
    public static int ChannelPitch(TensorShape shape) =>
        shape.IsImage && shape.Channels <= FewChannels ? FewChannels : BufferPlanner.RoundUp(shape.Channels);

    /// <summary>The pixels of all images; a vector is a pixel.</summary>
    public static int Pixels(TensorShape shape) => shape.IsImage ? shape.Batch * shape.Height * shape.Width : shape.Batch;

    /// <summary>The bytes of a value, without what lies behind the last.</summary>
    public static int Length(TensorShape shape, Layout layout) =>
        layout == Layout.ChannelsLast ? checked(Pixels(shape) * ChannelPitch(shape)) : shape.ElementCount;

    /// <summary>The buffer of a value; its offset comes later.</summary>
    public static BufferPlan Buffer(GraphNode node)
    {
        var shape = node.Shape;
        var length = Floats(Length(shape, node.Layout));
        var isLast = node.Layout == Layout.ChannelsLast;
        var pitch = isLast ? ChannelPitch(shape) / sizeof(float) : 1;
        return new BufferPlan
        {
            Value = node.Name,
            Shape = shape,
            Layout = node.Layout,
            Halo = Halo.None,
            IsBytes = true,
            PixelStride = pitch,
            RowPitch = isLast && shape.IsImage ? shape.Width * pitch : pitch,
            PlaneStride = 1,
            BatchStride = isLast ? length / shape.Batch : length,
            Length = checked(BufferPlanner.RoundUp(length) + Floats(Slack)),
        };
    }

    /// <summary>The floats that some bytes take.</summary>
    public static int Floats(int bytes) => (bytes + sizeof(float) - 1) / sizeof(float);
}
