using Subp.Core.Graphs;

namespace Subp.Compiler.Planning;

/// <summary>
/// Where a value lies in the arena and how. All strides are in floats. The element (n, c, y, x) is at
/// Offset + n * BatchStride + channel part + ((y + Halo.Top) * RowPitch + (x + Halo.Left) * PixelStride), where the channel part is
/// (c / I) * PlaneStride + c % I with the <see cref="InterleavedChannels"/> I. A vector [batch, features] is an image
/// of one row and one column whose PlaneStride is 1.
/// </summary>
public sealed record BufferPlan
{
    /// <summary>The value.</summary>
    public required string Value { get; init; }

    /// <summary>The shape of the value.</summary>
    public required TensorShape Shape { get; init; }

    /// <summary>The layout.</summary>
    public required Layout Layout { get; init; }

    /// <summary>True where the elements are bytes, four of which are one of the floats that distances count.</summary>
    public bool IsBytes { get; init; }

    /// <summary>True where the value lies in one piece without a halo: dense, bytes with the channels last, or stripes.</summary>
    public bool IsOnePiece => Layout is Layout.Dense or Layout.ChannelsLast or Layout.Stripes16;

    /// <summary>Zero rows and columns around each plane, wide enough for every consumer.</summary>
    public required Halo Halo { get; init; }

    /// <summary>Floats from one pixel to the next: 16 in blocked layout, else 1.</summary>
    public required int PixelStride { get; init; }

    /// <summary>Floats from one row to the next.</summary>
    public required int RowPitch { get; init; }

    /// <summary>Floats from one channel plane (planar) or one block of 16 channels (blocked) to the next.</summary>
    public required int PlaneStride { get; init; }

    /// <summary>Floats from one image to the next.</summary>
    public required int BatchStride { get; init; }

    /// <summary>Floats of the whole value, a multiple of 16.</summary>
    public required int Length { get; init; }

    /// <summary>Start in the arena, in floats, a multiple of 16; set by the memory planner.</summary>
    public int Offset { get; init; }

    /// <summary>Channels of a pixel that lie side by side in one plane of an image: 16 in blocked layout, else 1.</summary>
    public int InterleavedChannels { get; init; } = 1;

    /// <summary>Planes of one image: channels, or as many of them as lie side by side.</summary>
    public int Planes => (Shape.Channels + InterleavedChannels - 1) / InterleavedChannels;

    /// <summary>Blocks of 16 channels, the last one perhaps partly used; a dense value is one.</summary>
    public int ChannelBlocks => IsOnePiece ? 1 : (Shape.Channels + 15) / 16;

    /// <summary>Height of the plane without halo; 1 for vectors.</summary>
    public int Height => Shape.IsImage ? Shape.Height : 1;

    /// <summary>Width of the plane without halo; 1 for vectors.</summary>
    public int Width => Shape.IsImage ? Shape.Width : 1;

    /// <summary>Floats from the start of the value to its first pixel inside the halo.</summary>
    public int Origin => (Halo.Top * RowPitch) + (Halo.Left * PixelStride);

    /// <summary>Floats from the first pixel of channel 0 to the first pixel of a channel.</summary>
    public int ChannelOffset(int channel) => (channel / InterleavedChannels * PlaneStride) + (channel % InterleavedChannels);
}

/// <summary>Rows and columns of zeros around each plane of a value.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns to the left.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns to the right.</param>
public readonly record struct Halo(int Top, int Left, int Bottom, int Right)
{
    /// <summary>No halo.</summary>
    public static readonly Halo None;

    /// <summary>True where there is no halo.</summary>
    public bool IsNone => this == None;

    /// <summary>The halo that contains both.</summary>
    public Halo Union(Halo other) =>
        new(Math.Max(Top, other.Top), Math.Max(Left, other.Left), Math.Max(Bottom, other.Bottom), Math.Max(Right, other.Right));
}
