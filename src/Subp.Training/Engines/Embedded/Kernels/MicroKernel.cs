using System.Runtime.Intrinsics.X86;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The two innermost products of the engine, one subclass per instruction set. Channels come in blocks of 16 lanes; a pixel of
/// one block is one 64-byte line. Pixels are broadcast, channels are vectors, so neither product shuffles anything.
/// </summary>
internal abstract unsafe class MicroKernel
{
    /// <summary>The number of channels of a block.</summary>
    public const int Lanes = 16;

    /// <summary>The widest kernel that this machine can run.</summary>
    public static MicroKernel Best { get; } =
        Avx512F.IsSupported ? new Avx512MicroKernel()
        : Fma.IsSupported ? new Avx2MicroKernel()
        : new PortableMicroKernel();

    /// <summary>The number of pixels of a tile of <see cref="Multiply"/>.</summary>
    public abstract int TilePixels { get; }

    /// <summary>A word for reports: <c>avx512</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// c[i][j] += sum over k, l of a[k][i][l] * b[k][l][j], for i below <see cref="TilePixels"/>. Products are added one by one in this
    /// order, so that a sum taken in several calls has the bits of one call.
    /// </summary>
    /// <param name="a">The pixels, [blocks][TilePixels][16].</param>
    /// <param name="b">The weights, [blocks][lanes][16 * vectors].</param>
    /// <param name="c">The sums, [TilePixels][16 * vectors].</param>
    /// <param name="blocks">The number of blocks of the sum.</param>
    /// <param name="lanes">How many of the 16 lanes of each pixel take part.</param>
    /// <param name="vectors">1 or 2 blocks of result channels.</param>
    public abstract void Multiply(float* a, float* b, float* c, int blocks, int lanes, int vectors);

    /// <summary>
    /// w[l][j] += sum over p of a[p][l] * d[p][j], for all l below <paramref name="lanes"/> rounded up to 8; j runs over one or
    /// two blocks of channels.
    /// </summary>
    /// <param name="a">The pixels, [pixels][16].</param>
    /// <param name="d0">The first block of result gradients, [pixels][16].</param>
    /// <param name="d1">The second block; not read when <paramref name="vectors"/> is 1.</param>
    /// <param name="w">The weight gradients, rows of 16 * vectors floats.</param>
    /// <param name="rowStride">The distance of two rows of w in floats.</param>
    /// <param name="pixels">The number of pixels.</param>
    /// <param name="lanes">How many of the 16 lanes of each pixel take part.</param>
    /// <param name="vectors">1 or 2.</param>
    public abstract void OuterProduct(float* a, float* d0, float* d1, float* w, int rowStride, int pixels, int lanes, int vectors);

    /// <summary>c[i][j] += sum over r of a[places[r] + 16 i] * b[r][j], for i below <see cref="TilePixels"/> and j below 16.</summary>
    /// <param name="a">The pixels.</param>
    /// <param name="places">Where each row's pixels begin.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="b">The weights, [rows][16].</param>
    /// <param name="c">The sums.</param>
    /// <param name="stride">The distance of two pixels of the sums in floats.</param>
    public abstract void MultiplyRows(float* a, int* places, int rows, float* b, float* c, int stride);

    /// <summary>w[r][j] += sum over i of a[places[r] + 16 i] * d[i][j], for i below <see cref="TilePixels"/> and j below 16.</summary>
    /// <param name="a">The pixels.</param>
    /// <param name="places">Where each row's pixels begin.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="d">Result gradients, [TilePixels][16].</param>
    /// <param name="w">The weight gradients, [rows][16].</param>
    public abstract void OuterProductRows(float* a, int* places, int rows, float* d, float* w);
}
