using System.Runtime.InteropServices;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Roslyn;

namespace Subp.Tooling.Verification;

/// <summary>Reads values out of the scratch memory of a session, as the last run left it.</summary>
internal static class ArenaReader
{
    /// <summary>A value as dense NCHW.</summary>
    /// <param name="session">The session of a model that was compiled to keep its values.</param>
    /// <param name="buffer">Where the value lies.</param>
    public static float[] Read(ILoadedSession session, BufferPlan buffer)
    {
        if (buffer.IsBytes)
            return Bytes(session, buffer);
        if (buffer.Layout == Layout.Dense)
        {
            var dense = new float[buffer.Shape.ElementCount];
            session.ReadArena(buffer.Offset, dense);
            return dense;
        }

        if (buffer.Layout == Layout.Stripes16)
            return Stripes(session, buffer);
        var batch = buffer.Shape[0];
        var channels = buffer.Shape.IsImage ? buffer.Shape.Channels : buffer.Shape.ElementCount / batch;
        // One image of a value that lies in a larger one ends before the next image of that begins.
        var image = new float[(buffer.Shape.IsImage ? buffer.Planes : channels) * buffer.PlaneStride];
        var values = new float[buffer.Shape.ElementCount];
        var target = 0;
        for (var index = 0; index < batch; index++)
        {
            session.ReadArena(buffer.Offset + (index * buffer.BatchStride), image);
            for (var channel = 0; channel < channels; channel++)
            {
                for (var row = 0; row < buffer.Height; row++)
                {
                    for (var column = 0; column < buffer.Width; column++)
                        values[target++] = image[
                            buffer.Origin + buffer.ChannelOffset(channel) + (row * buffer.RowPitch) + (column * buffer.PixelStride)
                        ];
                }
            }
        }

        return values;
    }

    private static float[] Stripes(ILoadedSession session, BufferPlan buffer)
    {
        const int pixels = 16;
        var memory = new float[buffer.Length];
        session.ReadArena(buffer.Offset, memory);
        var values = new float[buffer.Shape.ElementCount];
        var (channels, plane) = (buffer.Shape.Channels, buffer.Height * buffer.Width);
        for (var index = 0; index < values.Length; index++)
        {
            var (image, channel, pixel) = (index / plane / channels, index / plane % channels, index % plane);
            values[index] = memory[
                (image * buffer.BatchStride) + (((pixel / pixels * channels) + channel) * buffer.PlaneStride) + (pixel % pixels)
            ];
        }

        return values;
    }

    // Bytes as the numbers 0 to 255, dense NCHW. The arena counts floats, four bytes each.
    private static float[] Bytes(ILoadedSession session, BufferPlan buffer)
    {
        var memory = new float[buffer.Length];
        session.ReadArena(buffer.Offset, memory);
        var bytes = MemoryMarshal.AsBytes<float>(memory);
        var values = new float[buffer.Shape.ElementCount];
        var isLast = buffer.Layout == Layout.ChannelsLast;
        var channels = isLast ? buffer.Shape.Channels : 1;
        var plane = isLast ? buffer.Height * buffer.Width : values.Length;
        var pitch = isLast ? buffer.PixelStride * sizeof(float) : 1;
        for (var index = 0; index < values.Length; index++)
        {
            var (image, channel, pixel) = (index / plane / channels, index / plane % channels, index % plane);
            values[index] = bytes[(((image * plane) + pixel) * pitch) + channel];
        }

        return values;
    }
}
