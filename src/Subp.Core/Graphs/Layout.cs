namespace Subp.Core.Graphs;

/// <summary>
/// How the elements of a value lie in memory. Packing and training see <see cref="Nchw"/> only; the layout pass assigns the others.
/// </summary>
public enum Layout
{
    /// <summary>The order of the interfaces: [batch][channel][row][column], dense.</summary>
    Nchw,

    /// <summary>
    /// [batch][channel][row][column] with a zero halo around each plane; for images of few channels such as the network input.
    /// </summary>
    Planar,

    /// <summary>[batch][channel / 16][row][column][channel % 16] with a zero halo around each plane: lanes are channels.</summary>
    Blocked16,

    /// <summary>Row-major without gaps and without a halo, at any rank: what kernels for images and vectors do not compute.</summary>
    Dense,

    /// <summary>Bytes as [batch][row][column][channel] without a halo: lanes are channels. The channels of a pixel are padded.</summary>
    ChannelsLast,

    /// <summary>
    /// [batch][pixel / 16][channel][pixel % 16] without a halo, pixels row by row, the last sixteen of an image filled up: lanes are
    /// pixels.
    /// </summary>
    Stripes16,
}
