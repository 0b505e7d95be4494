using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// AVX2 and FMA kernels. 6 pixels x 2 vectors fill 12 of the 16 registers; two hold the weights and one the broadcast pixel.
/// </summary>
internal sealed unsafe class Avx2MicroKernel : MicroKernel
{
    /// <inheritdoc/>
    public override int TilePixels => 6;

    /// <inheritdoc/>
    public override string Name => "avx2";

    /// <inheritdoc/>
    public override void Multiply(float* a, float* b, float* c, int blocks, int lanes, int vectors)
    {
        int width = vectors * Lanes;
        for (int column = 0; column < width; column += 16)
            MultiplyColumns(a, b + column, c + column, blocks, lanes, width);
    }

    /// <inheritdoc/>
    public override void OuterProduct(float* a, float* d0, float* d1, float* w, int rowStride, int pixels, int lanes, int vectors)
    {
        for (int vector = 0; vector < vectors; vector++)
        {
            float* d = vector == 0 ? d0 : d1;
            for (int column = 0; column < Lanes; column += 16)
            {
                for (int row = 0; row < lanes; row += 4)
                    OuterProductColumns(a + row, d + column, w + ((long)row * rowStride) + (vector * Lanes) + column, rowStride, pixels);
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyRows(float* a, int* places, int rows, float* b, float* c, int stride)
    {
        var c0x = Avx.LoadVector256(c);
        var c0y = Avx.LoadVector256(c + 8);
        var c1x = Avx.LoadVector256(c + stride);
        var c1y = Avx.LoadVector256(c + stride + 8);
        var c2x = Avx.LoadVector256(c + (2 * stride));
        var c2y = Avx.LoadVector256(c + (2 * stride) + 8);
        var c3x = Avx.LoadVector256(c + (3 * stride));
        var c3y = Avx.LoadVector256(c + (3 * stride) + 8);
        var c4x = Avx.LoadVector256(c + (4 * stride));
        var c4y = Avx.LoadVector256(c + (4 * stride) + 8);
        var c5x = Avx.LoadVector256(c + (5 * stride));
        var c5y = Avx.LoadVector256(c + (5 * stride) + 8);
        for (int row = 0; row < rows; row++, b += Lanes)
        {
            float* pixel = a + places[row];
            var x = Avx.LoadVector256(b);
            var y = Avx.LoadVector256(b + 8);
            var p = Vector256.Create(*pixel);
            c0x = Fma.MultiplyAdd(p, x, c0x);
            c0y = Fma.MultiplyAdd(p, y, c0y);
            p = Vector256.Create(pixel[16]);
            c1x = Fma.MultiplyAdd(p, x, c1x);
            c1y = Fma.MultiplyAdd(p, y, c1y);
            p = Vector256.Create(pixel[32]);
            c2x = Fma.MultiplyAdd(p, x, c2x);
            c2y = Fma.MultiplyAdd(p, y, c2y);
            p = Vector256.Create(pixel[48]);
            c3x = Fma.MultiplyAdd(p, x, c3x);
            c3y = Fma.MultiplyAdd(p, y, c3y);
            p = Vector256.Create(pixel[64]);
            c4x = Fma.MultiplyAdd(p, x, c4x);
            c4y = Fma.MultiplyAdd(p, y, c4y);
            p = Vector256.Create(pixel[80]);
            c5x = Fma.MultiplyAdd(p, x, c5x);
            c5y = Fma.MultiplyAdd(p, y, c5y);
        }

        Avx.Store(c, c0x);
        Avx.Store(c + 8, c0y);
        Avx.Store(c + stride, c1x);
        Avx.Store(c + stride + 8, c1y);
        Avx.Store(c + (2 * stride), c2x);
        Avx.Store(c + (2 * stride) + 8, c2y);
        Avx.Store(c + (3 * stride), c3x);
        Avx.Store(c + (3 * stride) + 8, c3y);
        Avx.Store(c + (4 * stride), c4x);
        Avx.Store(c + (4 * stride) + 8, c4y);
        Avx.Store(c + (5 * stride), c5x);
        Avx.Store(c + (5 * stride) + 8, c5y);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void OuterProductRows(float* a, int* places, int rows, float* d, float* w)
    {
        Vector256<float> d0x = Avx.LoadVector256(d),
            d0y = Avx.LoadVector256(d + 8);
        Vector256<float> d1x = Avx.LoadVector256(d + 16),
            d1y = Avx.LoadVector256(d + 24);
        Vector256<float> d2x = Avx.LoadVector256(d + 32),
            d2y = Avx.LoadVector256(d + 40);
        Vector256<float> d3x = Avx.LoadVector256(d + 48),
            d3y = Avx.LoadVector256(d + 56);
        Vector256<float> d4x = Avx.LoadVector256(d + 64),
            d4y = Avx.LoadVector256(d + 72);
        Vector256<float> d5x = Avx.LoadVector256(d + 80),
            d5y = Avx.LoadVector256(d + 88);
        for (int row = 0; row < rows; row++, w += Lanes)
        {
            float* pixel = a + places[row];
            var x = Avx.LoadVector256(w);
            var y = Avx.LoadVector256(w + 8);
            var p = Vector256.Create(*pixel);
            x = Fma.MultiplyAdd(p, d0x, x);
            y = Fma.MultiplyAdd(p, d0y, y);
            p = Vector256.Create(pixel[16]);
            x = Fma.MultiplyAdd(p, d1x, x);
            y = Fma.MultiplyAdd(p, d1y, y);
            p = Vector256.Create(pixel[32]);
            x = Fma.MultiplyAdd(p, d2x, x);
            y = Fma.MultiplyAdd(p, d2y, y);
            p = Vector256.Create(pixel[48]);
            x = Fma.MultiplyAdd(p, d3x, x);
            y = Fma.MultiplyAdd(p, d3y, y);
            p = Vector256.Create(pixel[64]);
            x = Fma.MultiplyAdd(p, d4x, x);
            y = Fma.MultiplyAdd(p, d4y, y);
            p = Vector256.Create(pixel[80]);
            x = Fma.MultiplyAdd(p, d5x, x);
            y = Fma.MultiplyAdd(p, d5y, y);
            Avx.Store(w, x);
            Avx.Store(w + 8, y);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyColumns(float* a, float* b, float* c, int blocks, int lanes, int width)
    {
        var c0x = Avx.LoadVector256(c);
        var c0y = Avx.LoadVector256(c + 8);
        var c1x = Avx.LoadVector256(c + width);
        var c1y = Avx.LoadVector256(c + width + 8);
        var c2x = Avx.LoadVector256(c + (2 * width));
        var c2y = Avx.LoadVector256(c + (2 * width) + 8);
        var c3x = Avx.LoadVector256(c + (3 * width));
        var c3y = Avx.LoadVector256(c + (3 * width) + 8);
        var c4x = Avx.LoadVector256(c + (4 * width));
        var c4y = Avx.LoadVector256(c + (4 * width) + 8);
        var c5x = Avx.LoadVector256(c + (5 * width));
        var c5y = Avx.LoadVector256(c + (5 * width) + 8);
        for (int block = 0; block < blocks; block++, a += 6 * Lanes)
        {
            float* pixel = a;
            for (float* end = a + lanes; pixel < end; pixel++)
            {
                var x = Avx.LoadVector256(b);
                var y = Avx.LoadVector256(b + 8);
                b += width;
                var p = Vector256.Create(*pixel);
                c0x = Fma.MultiplyAdd(p, x, c0x);
                c0y = Fma.MultiplyAdd(p, y, c0y);
                p = Vector256.Create(pixel[16]);
                c1x = Fma.MultiplyAdd(p, x, c1x);
                c1y = Fma.MultiplyAdd(p, y, c1y);
                p = Vector256.Create(pixel[32]);
                c2x = Fma.MultiplyAdd(p, x, c2x);
                c2y = Fma.MultiplyAdd(p, y, c2y);
                p = Vector256.Create(pixel[48]);
                c3x = Fma.MultiplyAdd(p, x, c3x);
                c3y = Fma.MultiplyAdd(p, y, c3y);
                p = Vector256.Create(pixel[64]);
                c4x = Fma.MultiplyAdd(p, x, c4x);
                c4y = Fma.MultiplyAdd(p, y, c4y);
                p = Vector256.Create(pixel[80]);
                c5x = Fma.MultiplyAdd(p, x, c5x);
                c5y = Fma.MultiplyAdd(p, y, c5y);
            }
        }

        Avx.Store(c, c0x);
        Avx.Store(c + 8, c0y);
        Avx.Store(c + width, c1x);
        Avx.Store(c + width + 8, c1y);
        Avx.Store(c + (2 * width), c2x);
        Avx.Store(c + (2 * width) + 8, c2y);
        Avx.Store(c + (3 * width), c3x);
        Avx.Store(c + (3 * width) + 8, c3y);
        Avx.Store(c + (4 * width), c4x);
        Avx.Store(c + (4 * width) + 8, c4y);
        Avx.Store(c + (5 * width), c5x);
        Avx.Store(c + (5 * width) + 8, c5y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OuterProductColumns(float* a, float* d, float* w, int rowStride, int pixels)
    {
        long stride = rowStride;
        var w0x = Avx.LoadVector256(w);
        var w0y = Avx.LoadVector256(w + 8);
        var w1x = Avx.LoadVector256(w + stride);
        var w1y = Avx.LoadVector256(w + stride + 8);
        var w2x = Avx.LoadVector256(w + (2 * stride));
        var w2y = Avx.LoadVector256(w + (2 * stride) + 8);
        var w3x = Avx.LoadVector256(w + (3 * stride));
        var w3y = Avx.LoadVector256(w + (3 * stride) + 8);
        for (float* end = a + ((long)pixels * Lanes); a < end; a += Lanes, d += Lanes)
        {
            var x = Avx.LoadVector256(d);
            var y = Avx.LoadVector256(d + 8);
            var p = Vector256.Create(*a);
            w0x = Fma.MultiplyAdd(p, x, w0x);
            w0y = Fma.MultiplyAdd(p, y, w0y);
            p = Vector256.Create(a[1]);
            w1x = Fma.MultiplyAdd(p, x, w1x);
            w1y = Fma.MultiplyAdd(p, y, w1y);
            p = Vector256.Create(a[2]);
            w2x = Fma.MultiplyAdd(p, x, w2x);
            w2y = Fma.MultiplyAdd(p, y, w2y);
            p = Vector256.Create(a[3]);
            w3x = Fma.MultiplyAdd(p, x, w3x);
            w3y = Fma.MultiplyAdd(p, y, w3y);
        }

        Avx.Store(w, w0x);
        Avx.Store(w + 8, w0y);
        Avx.Store(w + stride, w1x);
        Avx.Store(w + stride + 8, w1y);
        Avx.Store(w + (2 * stride), w2x);
        Avx.Store(w + (2 * stride) + 8, w2y);
        Avx.Store(w + (3 * stride), w3x);
        Avx.Store(w + (3 * stride) + 8, w3y);
    }
}
