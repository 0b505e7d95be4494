using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// 128-bit kernels for every other machine: SSE on old x86, Neon on ARM. 4 pixels x 2 vectors fit the 16 registers of the former.
/// </summary>
internal sealed unsafe class PortableMicroKernel : MicroKernel
{
    /// <inheritdoc/>
    public override int TilePixels => 4;

    /// <inheritdoc/>
    public override string Name => "portable";

    /// <inheritdoc/>
    public override void Multiply(float* a, float* b, float* c, int blocks, int lanes, int vectors)
    {
        int width = vectors * Lanes;
        for (int column = 0; column < width; column += 8)
            MultiplyColumns(a, b + column, c + column, blocks, lanes, width);
    }

    /// <inheritdoc/>
    public override void OuterProduct(float* a, float* d0, float* d1, float* w, int rowStride, int pixels, int lanes, int vectors)
    {
        for (int vector = 0; vector < vectors; vector++)
        {
            float* d = vector == 0 ? d0 : d1;
            for (int column = 0; column < Lanes; column += 8)
            {
                for (int row = 0; row < lanes; row += 4)
                    OuterProductColumns(a + row, d + column, w + ((long)row * rowStride) + (vector * Lanes) + column, rowStride, pixels);
            }
        }
    }

    /// <inheritdoc/>
    public override void MultiplyRows(float* a, int* places, int rows, float* b, float* c, int stride)
    {
        for (int column = 0; column < Lanes; column += 8)
            MultiplyRowColumns(a, places, rows, b + column, c + column, stride);
    }

    /// <inheritdoc/>
    public override void OuterProductRows(float* a, int* places, int rows, float* d, float* w)
    {
        for (int column = 0; column < Lanes; column += 8)
            OuterProductRowColumns(a, places, rows, d + column, w + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyColumns(float* a, float* b, float* c, int blocks, int lanes, int width)
    {
        var c0x = Vector128.Load(c);
        var c0y = Vector128.Load(c + 4);
        var c1x = Vector128.Load(c + width);
        var c1y = Vector128.Load(c + width + 4);
        var c2x = Vector128.Load(c + (2 * width));
        var c2y = Vector128.Load(c + (2 * width) + 4);
        var c3x = Vector128.Load(c + (3 * width));
        var c3y = Vector128.Load(c + (3 * width) + 4);
        for (int block = 0; block < blocks; block++, a += 4 * Lanes)
        {
            float* pixel = a;
            for (float* end = a + lanes; pixel < end; pixel++)
            {
                var x = Vector128.Load(b);
                var y = Vector128.Load(b + 4);
                b += width;
                var p = Vector128.Create(*pixel);
                c0x = Vector128.MultiplyAddEstimate(p, x, c0x);
                c0y = Vector128.MultiplyAddEstimate(p, y, c0y);
                p = Vector128.Create(pixel[16]);
                c1x = Vector128.MultiplyAddEstimate(p, x, c1x);
                c1y = Vector128.MultiplyAddEstimate(p, y, c1y);
                p = Vector128.Create(pixel[32]);
                c2x = Vector128.MultiplyAddEstimate(p, x, c2x);
                c2y = Vector128.MultiplyAddEstimate(p, y, c2y);
                p = Vector128.Create(pixel[48]);
                c3x = Vector128.MultiplyAddEstimate(p, x, c3x);
                c3y = Vector128.MultiplyAddEstimate(p, y, c3y);
            }
        }

        c0x.Store(c);
        c0y.Store(c + 4);
        c1x.Store(c + width);
        c1y.Store(c + width + 4);
        c2x.Store(c + (2 * width));
        c2y.Store(c + (2 * width) + 4);
        c3x.Store(c + (3 * width));
        c3y.Store(c + (3 * width) + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OuterProductColumns(float* a, float* d, float* w, int rowStride, int pixels)
    {
        long stride = rowStride;
        var w0x = Vector128.Load(w);
        var w0y = Vector128.Load(w + 4);
        var w1x = Vector128.Load(w + stride);
        var w1y = Vector128.Load(w + stride + 4);
        var w2x = Vector128.Load(w + (2 * stride));
        var w2y = Vector128.Load(w + (2 * stride) + 4);
        var w3x = Vector128.Load(w + (3 * stride));
        var w3y = Vector128.Load(w + (3 * stride) + 4);
        for (float* end = a + ((long)pixels * Lanes); a < end; a += Lanes, d += Lanes)
        {
            var x = Vector128.Load(d);
            var y = Vector128.Load(d + 4);
            var p = Vector128.Create(*a);
            w0x = Vector128.MultiplyAddEstimate(p, x, w0x);
            w0y = Vector128.MultiplyAddEstimate(p, y, w0y);
            p = Vector128.Create(a[1]);
            w1x = Vector128.MultiplyAddEstimate(p, x, w1x);
            w1y = Vector128.MultiplyAddEstimate(p, y, w1y);
            p = Vector128.Create(a[2]);
            w2x = Vector128.MultiplyAddEstimate(p, x, w2x);
            w2y = Vector128.MultiplyAddEstimate(p, y, w2y);
            p = Vector128.Create(a[3]);
            w3x = Vector128.MultiplyAddEstimate(p, x, w3x);
            w3y = Vector128.MultiplyAddEstimate(p, y, w3y);
        }

        w0x.Store(w);
        w0y.Store(w + 4);
        w1x.Store(w + stride);
        w1y.Store(w + stride + 4);
        w2x.Store(w + (2 * stride));
        w2y.Store(w + (2 * stride) + 4);
        w3x.Store(w + (3 * stride));
        w3y.Store(w + (3 * stride) + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRowColumns(float* a, int* places, int rows, float* b, float* c, int stride)
    {
        var c0x = Vector128.Load(c);
        var c0y = Vector128.Load(c + 4);
        var c1x = Vector128.Load(c + stride);
        var c1y = Vector128.Load(c + stride + 4);
        var c2x = Vector128.Load(c + (2 * stride));
        var c2y = Vector128.Load(c + (2 * stride) + 4);
        var c3x = Vector128.Load(c + (3 * stride));
        var c3y = Vector128.Load(c + (3 * stride) + 4);
        for (int row = 0; row < rows; row++, b += Lanes)
        {
            float* pixel = a + places[row];
            var x = Vector128.Load(b);
            var y = Vector128.Load(b + 4);
            var p = Vector128.Create(*pixel);
            c0x = Vector128.MultiplyAddEstimate(p, x, c0x);
            c0y = Vector128.MultiplyAddEstimate(p, y, c0y);
            p = Vector128.Create(pixel[16]);
            c1x = Vector128.MultiplyAddEstimate(p, x, c1x);
            c1y = Vector128.MultiplyAddEstimate(p, y, c1y);
            p = Vector128.Create(pixel[32]);
            c2x = Vector128.MultiplyAddEstimate(p, x, c2x);
            c2y = Vector128.MultiplyAddEstimate(p, y, c2y);
            p = Vector128.Create(pixel[48]);
            c3x = Vector128.MultiplyAddEstimate(p, x, c3x);
            c3y = Vector128.MultiplyAddEstimate(p, y, c3y);
        }

        c0x.Store(c);
        c0y.Store(c + 4);
        c1x.Store(c + stride);
        c1y.Store(c + stride + 4);
        c2x.Store(c + (2 * stride));
        c2y.Store(c + (2 * stride) + 4);
        c3x.Store(c + (3 * stride));
        c3y.Store(c + (3 * stride) + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OuterProductRowColumns(float* a, int* places, int rows, float* d, float* w)
    {
        Vector128<float> d0x = Vector128.Load(d),
            d0y = Vector128.Load(d + 4);
        Vector128<float> d1x = Vector128.Load(d + 16),
            d1y = Vector128.Load(d + 20);
        Vector128<float> d2x = Vector128.Load(d + 32),
            d2y = Vector128.Load(d + 36);
        Vector128<float> d3x = Vector128.Load(d + 48),
            d3y = Vector128.Load(d + 52);
        for (int row = 0; row < rows; row++, w += Lanes)
        {
            float* pixel = a + places[row];
            var x = Vector128.Load(w);
            var y = Vector128.Load(w + 4);
            var p = Vector128.Create(*pixel);
            x = Vector128.MultiplyAddEstimate(p, d0x, x);
            y = Vector128.MultiplyAddEstimate(p, d0y, y);
            p = Vector128.Create(pixel[16]);
            x = Vector128.MultiplyAddEstimate(p, d1x, x);
            y = Vector128.MultiplyAddEstimate(p, d1y, y);
            p = Vector128.Create(pixel[32]);
            x = Vector128.MultiplyAddEstimate(p, d2x, x);
            y = Vector128.MultiplyAddEstimate(p, d2y, y);
            p = Vector128.Create(pixel[48]);
            x = Vector128.MultiplyAddEstimate(p, d3x, x);
            y = Vector128.MultiplyAddEstimate(p, d3y, y);
            x.Store(w);
            y.Store(w + 4);
        }
    }
}
