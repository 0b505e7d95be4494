using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// AVX-512 kernels. 14 pixels x 2 vectors fill 28 of the 32 registers; two more hold the weights and one the broadcast pixel, so
/// 28 multiply-adds need 16 loads and the multipliers are the only limit. The methods are written out because RyuJIT keeps
/// named locals in registers, but not the elements of an array. The fork is on Avx512F, not on Vector512.IsHardwareAccelerated,
/// which is false on processors of the Skylake-SP family although they run these instructions at full rate.
/// </summary>
internal sealed unsafe class Avx512MicroKernel : MicroKernel
{
    // The weights of a layer stream from the second-level cache; 2 KB ahead hides its latency.
    private const int PrefetchDistance = 512;

    /// <inheritdoc/>
    public override int TilePixels => 14;

    /// <inheritdoc/>
    public override string Name => "avx512";

    /// <inheritdoc/>
    public override void Multiply(float* a, float* b, float* c, int blocks, int lanes, int vectors)
    {
        if (vectors == 2)
            Multiply2(a, b, c, blocks, lanes);
        else
            Multiply1(a, b, c, blocks, lanes);
    }

    /// <inheritdoc/>
    public override void OuterProduct(float* a, float* d0, float* d1, float* w, int rowStride, int pixels, int lanes, int vectors)
    {
        for (int row = 0; row < lanes; row += 8)
        {
            if (vectors == 2)
                OuterProduct2(a + row, d0, d1, w + ((long)row * rowStride), rowStride, pixels);
            else
                OuterProduct1(a + row, d0, w + ((long)row * rowStride), rowStride, pixels);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void MultiplyRows(float* a, int* places, int rows, float* b, float* c, int stride)
    {
        var c0 = Avx512F.LoadVector512(c);
        var c1 = Avx512F.LoadVector512(c + stride);
        var c2 = Avx512F.LoadVector512(c + (2 * stride));
        var c3 = Avx512F.LoadVector512(c + (3 * stride));
        var c4 = Avx512F.LoadVector512(c + (4 * stride));
        var c5 = Avx512F.LoadVector512(c + (5 * stride));
        var c6 = Avx512F.LoadVector512(c + (6 * stride));
        var c7 = Avx512F.LoadVector512(c + (7 * stride));
        var c8 = Avx512F.LoadVector512(c + (8 * stride));
        var c9 = Avx512F.LoadVector512(c + (9 * stride));
        var c10 = Avx512F.LoadVector512(c + (10 * stride));
        var c11 = Avx512F.LoadVector512(c + (11 * stride));
        var c12 = Avx512F.LoadVector512(c + (12 * stride));
        var c13 = Avx512F.LoadVector512(c + (13 * stride));
        for (int row = 0; row < rows; row++, b += Lanes)
        {
            float* pixel = a + places[row];
            var x = Avx512F.LoadVector512(b);
            c0 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[0]), x, c0);
            c1 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[16]), x, c1);
            c2 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[32]), x, c2);
            c3 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[48]), x, c3);
            c4 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[64]), x, c4);
            c5 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[80]), x, c5);
            c6 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[96]), x, c6);
            c7 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[112]), x, c7);
            c8 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[128]), x, c8);
            c9 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[144]), x, c9);
            c10 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[160]), x, c10);
            c11 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[176]), x, c11);
            c12 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[192]), x, c12);
            c13 = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[208]), x, c13);
        }

        Avx512F.Store(c, c0);
        Avx512F.Store(c + stride, c1);
        Avx512F.Store(c + (2 * stride), c2);
        Avx512F.Store(c + (3 * stride), c3);
        Avx512F.Store(c + (4 * stride), c4);
        Avx512F.Store(c + (5 * stride), c5);
        Avx512F.Store(c + (6 * stride), c6);
        Avx512F.Store(c + (7 * stride), c7);
        Avx512F.Store(c + (8 * stride), c8);
        Avx512F.Store(c + (9 * stride), c9);
        Avx512F.Store(c + (10 * stride), c10);
        Avx512F.Store(c + (11 * stride), c11);
        Avx512F.Store(c + (12 * stride), c12);
        Avx512F.Store(c + (13 * stride), c13);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void OuterProductRows(float* a, int* places, int rows, float* d, float* w)
    {
        var d0 = Avx512F.LoadVector512(d);
        var d1 = Avx512F.LoadVector512(d + 16);
        var d2 = Avx512F.LoadVector512(d + 32);
        var d3 = Avx512F.LoadVector512(d + 48);
        var d4 = Avx512F.LoadVector512(d + 64);
        var d5 = Avx512F.LoadVector512(d + 80);
        var d6 = Avx512F.LoadVector512(d + 96);
        var d7 = Avx512F.LoadVector512(d + 112);
        var d8 = Avx512F.LoadVector512(d + 128);
        var d9 = Avx512F.LoadVector512(d + 144);
        var d10 = Avx512F.LoadVector512(d + 160);
        var d11 = Avx512F.LoadVector512(d + 176);
        var d12 = Avx512F.LoadVector512(d + 192);
        var d13 = Avx512F.LoadVector512(d + 208);
        // The sums of a row depend on each other, those of different rows do not: the processor works on several rows at a time.
        for (int row = 0; row < rows; row++, w += Lanes)
        {
            float* pixel = a + places[row];
            var sum = Avx512F.LoadVector512(w);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[0]), d0, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[16]), d1, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[32]), d2, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[48]), d3, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[64]), d4, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[80]), d5, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[96]), d6, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[112]), d7, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[128]), d8, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[144]), d9, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[160]), d10, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[176]), d11, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[192]), d12, sum);
            sum = Avx512F.FusedMultiplyAdd(Vector512.Create(pixel[208]), d13, sum);
            Avx512F.Store(w, sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply2(float* a, float* b, float* c, int blocks, int lanes)
    {
        var c0x = Avx512F.LoadVector512(c);
        var c0y = Avx512F.LoadVector512(c + 16);
        var c1x = Avx512F.LoadVector512(c + 32);
        var c1y = Avx512F.LoadVector512(c + 48);
        var c2x = Avx512F.LoadVector512(c + 64);
        var c2y = Avx512F.LoadVector512(c + 80);
        var c3x = Avx512F.LoadVector512(c + 96);
        var c3y = Avx512F.LoadVector512(c + 112);
        var c4x = Avx512F.LoadVector512(c + 128);
        var c4y = Avx512F.LoadVector512(c + 144);
        var c5x = Avx512F.LoadVector512(c + 160);
        var c5y = Avx512F.LoadVector512(c + 176);
        var c6x = Avx512F.LoadVector512(c + 192);
        var c6y = Avx512F.LoadVector512(c + 208);
        var c7x = Avx512F.LoadVector512(c + 224);
        var c7y = Avx512F.LoadVector512(c + 240);
        var c8x = Avx512F.LoadVector512(c + 256);
        var c8y = Avx512F.LoadVector512(c + 272);
        var c9x = Avx512F.LoadVector512(c + 288);
        var c9y = Avx512F.LoadVector512(c + 304);
        var c10x = Avx512F.LoadVector512(c + 320);
        var c10y = Avx512F.LoadVector512(c + 336);
        var c11x = Avx512F.LoadVector512(c + 352);
        var c11y = Avx512F.LoadVector512(c + 368);
        var c12x = Avx512F.LoadVector512(c + 384);
        var c12y = Avx512F.LoadVector512(c + 400);
        var c13x = Avx512F.LoadVector512(c + 416);
        var c13y = Avx512F.LoadVector512(c + 432);
        for (int block = 0; block < blocks; block++, a += 14 * Lanes)
        {
            float* pixel = a;
            for (float* end = a + lanes; pixel < end; pixel++)
            {
                var x = Avx512F.LoadVector512(b);
                var y = Avx512F.LoadVector512(b + 16);
                Sse.Prefetch0(b + PrefetchDistance);
                Sse.Prefetch0(b + PrefetchDistance + 16);
                b += 32;
                var p = Vector512.Create(*pixel);
                c0x = Avx512F.FusedMultiplyAdd(p, x, c0x);
                c0y = Avx512F.FusedMultiplyAdd(p, y, c0y);
                p = Vector512.Create(pixel[16]);
                c1x = Avx512F.FusedMultiplyAdd(p, x, c1x);
                c1y = Avx512F.FusedMultiplyAdd(p, y, c1y);
                p = Vector512.Create(pixel[32]);
                c2x = Avx512F.FusedMultiplyAdd(p, x, c2x);
                c2y = Avx512F.FusedMultiplyAdd(p, y, c2y);
                p = Vector512.Create(pixel[48]);
                c3x = Avx512F.FusedMultiplyAdd(p, x, c3x);
                c3y = Avx512F.FusedMultiplyAdd(p, y, c3y);
                p = Vector512.Create(pixel[64]);
                c4x = Avx512F.FusedMultiplyAdd(p, x, c4x);
                c4y = Avx512F.FusedMultiplyAdd(p, y, c4y);
                p = Vector512.Create(pixel[80]);
                c5x = Avx512F.FusedMultiplyAdd(p, x, c5x);
                c5y = Avx512F.FusedMultiplyAdd(p, y, c5y);
                p = Vector512.Create(pixel[96]);
                c6x = Avx512F.FusedMultiplyAdd(p, x, c6x);
                c6y = Avx512F.FusedMultiplyAdd(p, y, c6y);
                p = Vector512.Create(pixel[112]);
                c7x = Avx512F.FusedMultiplyAdd(p, x, c7x);
                c7y = Avx512F.FusedMultiplyAdd(p, y, c7y);
                p = Vector512.Create(pixel[128]);
                c8x = Avx512F.FusedMultiplyAdd(p, x, c8x);
                c8y = Avx512F.FusedMultiplyAdd(p, y, c8y);
                p = Vector512.Create(pixel[144]);
                c9x = Avx512F.FusedMultiplyAdd(p, x, c9x);
                c9y = Avx512F.FusedMultiplyAdd(p, y, c9y);
                p = Vector512.Create(pixel[160]);
                c10x = Avx512F.FusedMultiplyAdd(p, x, c10x);
                c10y = Avx512F.FusedMultiplyAdd(p, y, c10y);
                p = Vector512.Create(pixel[176]);
                c11x = Avx512F.FusedMultiplyAdd(p, x, c11x);
                c11y = Avx512F.FusedMultiplyAdd(p, y, c11y);
                p = Vector512.Create(pixel[192]);
                c12x = Avx512F.FusedMultiplyAdd(p, x, c12x);
                c12y = Avx512F.FusedMultiplyAdd(p, y, c12y);
                p = Vector512.Create(pixel[208]);
                c13x = Avx512F.FusedMultiplyAdd(p, x, c13x);
                c13y = Avx512F.FusedMultiplyAdd(p, y, c13y);
            }
        }

        Avx512F.Store(c + 0, c0x);
        Avx512F.Store(c + 16, c0y);
        Avx512F.Store(c + 32, c1x);
        Avx512F.Store(c + 48, c1y);
        Avx512F.Store(c + 64, c2x);
        Avx512F.Store(c + 80, c2y);
        Avx512F.Store(c + 96, c3x);
        Avx512F.Store(c + 112, c3y);
        Avx512F.Store(c + 128, c4x);
        Avx512F.Store(c + 144, c4y);
        Avx512F.Store(c + 160, c5x);
        Avx512F.Store(c + 176, c5y);
        Avx512F.Store(c + 192, c6x);
        Avx512F.Store(c + 208, c6y);
        Avx512F.Store(c + 224, c7x);
        Avx512F.Store(c + 240, c7y);
        Avx512F.Store(c + 256, c8x);
        Avx512F.Store(c + 272, c8y);
        Avx512F.Store(c + 288, c9x);
        Avx512F.Store(c + 304, c9y);
        Avx512F.Store(c + 320, c10x);
        Avx512F.Store(c + 336, c10y);
        Avx512F.Store(c + 352, c11x);
        Avx512F.Store(c + 368, c11y);
        Avx512F.Store(c + 384, c12x);
        Avx512F.Store(c + 400, c12y);
        Avx512F.Store(c + 416, c13x);
        Avx512F.Store(c + 432, c13y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(float* a, float* b, float* c, int blocks, int lanes)
    {
        var c0x = Avx512F.LoadVector512(c);
        var c1x = Avx512F.LoadVector512(c + 16);
        var c2x = Avx512F.LoadVector512(c + 32);
        var c3x = Avx512F.LoadVector512(c + 48);
        var c4x = Avx512F.LoadVector512(c + 64);
        var c5x = Avx512F.LoadVector512(c + 80);
        var c6x = Avx512F.LoadVector512(c + 96);
        var c7x = Avx512F.LoadVector512(c + 112);
        var c8x = Avx512F.LoadVector512(c + 128);
        var c9x = Avx512F.LoadVector512(c + 144);
        var c10x = Avx512F.LoadVector512(c + 160);
        var c11x = Avx512F.LoadVector512(c + 176);
        var c12x = Avx512F.LoadVector512(c + 192);
        var c13x = Avx512F.LoadVector512(c + 208);
        for (int block = 0; block < blocks; block++, a += 14 * Lanes)
        {
            float* pixel = a;
            for (float* end = a + lanes; pixel < end; pixel++)
            {
                var x = Avx512F.LoadVector512(b);
                b += 16;
                var p = Vector512.Create(*pixel);
                c0x = Avx512F.FusedMultiplyAdd(p, x, c0x);
                p = Vector512.Create(pixel[16]);
                c1x = Avx512F.FusedMultiplyAdd(p, x, c1x);
                p = Vector512.Create(pixel[32]);
                c2x = Avx512F.FusedMultiplyAdd(p, x, c2x);
                p = Vector512.Create(pixel[48]);
                c3x = Avx512F.FusedMultiplyAdd(p, x, c3x);
                p = Vector512.Create(pixel[64]);
                c4x = Avx512F.FusedMultiplyAdd(p, x, c4x);
                p = Vector512.Create(pixel[80]);
                c5x = Avx512F.FusedMultiplyAdd(p, x, c5x);
                p = Vector512.Create(pixel[96]);
                c6x = Avx512F.FusedMultiplyAdd(p, x, c6x);
                p = Vector512.Create(pixel[112]);
                c7x = Avx512F.FusedMultiplyAdd(p, x, c7x);
                p = Vector512.Create(pixel[128]);
                c8x = Avx512F.FusedMultiplyAdd(p, x, c8x);
                p = Vector512.Create(pixel[144]);
                c9x = Avx512F.FusedMultiplyAdd(p, x, c9x);
                p = Vector512.Create(pixel[160]);
                c10x = Avx512F.FusedMultiplyAdd(p, x, c10x);
                p = Vector512.Create(pixel[176]);
                c11x = Avx512F.FusedMultiplyAdd(p, x, c11x);
                p = Vector512.Create(pixel[192]);
                c12x = Avx512F.FusedMultiplyAdd(p, x, c12x);
                p = Vector512.Create(pixel[208]);
                c13x = Avx512F.FusedMultiplyAdd(p, x, c13x);
            }
        }

        Avx512F.Store(c + 0, c0x);
        Avx512F.Store(c + 16, c1x);
        Avx512F.Store(c + 32, c2x);
        Avx512F.Store(c + 48, c3x);
        Avx512F.Store(c + 64, c4x);
        Avx512F.Store(c + 80, c5x);
        Avx512F.Store(c + 96, c6x);
        Avx512F.Store(c + 112, c7x);
        Avx512F.Store(c + 128, c8x);
        Avx512F.Store(c + 144, c9x);
        Avx512F.Store(c + 160, c10x);
        Avx512F.Store(c + 176, c11x);
        Avx512F.Store(c + 192, c12x);
        Avx512F.Store(c + 208, c13x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OuterProduct2(float* a, float* d0, float* d1, float* w, int rowStride, int pixels)
    {
        long stride = rowStride;
        var w0x = Avx512F.LoadVector512(w);
        var w0y = Avx512F.LoadVector512(w + 16);
        var w1x = Avx512F.LoadVector512(w + stride);
        var w1y = Avx512F.LoadVector512(w + stride + 16);
        var w2x = Avx512F.LoadVector512(w + (2 * stride));
        var w2y = Avx512F.LoadVector512(w + (2 * stride) + 16);
        var w3x = Avx512F.LoadVector512(w + (3 * stride));
        var w3y = Avx512F.LoadVector512(w + (3 * stride) + 16);
        var w4x = Avx512F.LoadVector512(w + (4 * stride));
        var w4y = Avx512F.LoadVector512(w + (4 * stride) + 16);
        var w5x = Avx512F.LoadVector512(w + (5 * stride));
        var w5y = Avx512F.LoadVector512(w + (5 * stride) + 16);
        var w6x = Avx512F.LoadVector512(w + (6 * stride));
        var w6y = Avx512F.LoadVector512(w + (6 * stride) + 16);
        var w7x = Avx512F.LoadVector512(w + (7 * stride));
        var w7y = Avx512F.LoadVector512(w + (7 * stride) + 16);
        for (float* end = a + ((long)pixels * Lanes); a < end; a += Lanes)
        {
            var x = Avx512F.LoadVector512(d0);
            d0 += Lanes;
            var y = Avx512F.LoadVector512(d1);
            d1 += Lanes;
            var p = Vector512.Create(*a);
            w0x = Avx512F.FusedMultiplyAdd(p, x, w0x);
            w0y = Avx512F.FusedMultiplyAdd(p, y, w0y);
            p = Vector512.Create(a[1]);
            w1x = Avx512F.FusedMultiplyAdd(p, x, w1x);
            w1y = Avx512F.FusedMultiplyAdd(p, y, w1y);
            p = Vector512.Create(a[2]);
            w2x = Avx512F.FusedMultiplyAdd(p, x, w2x);
            w2y = Avx512F.FusedMultiplyAdd(p, y, w2y);
            p = Vector512.Create(a[3]);
            w3x = Avx512F.FusedMultiplyAdd(p, x, w3x);
            w3y = Avx512F.FusedMultiplyAdd(p, y, w3y);
            p = Vector512.Create(a[4]);
            w4x = Avx512F.FusedMultiplyAdd(p, x, w4x);
            w4y = Avx512F.FusedMultiplyAdd(p, y, w4y);
            p = Vector512.Create(a[5]);
            w5x = Avx512F.FusedMultiplyAdd(p, x, w5x);
            w5y = Avx512F.FusedMultiplyAdd(p, y, w5y);
            p = Vector512.Create(a[6]);
            w6x = Avx512F.FusedMultiplyAdd(p, x, w6x);
            w6y = Avx512F.FusedMultiplyAdd(p, y, w6y);
            p = Vector512.Create(a[7]);
            w7x = Avx512F.FusedMultiplyAdd(p, x, w7x);
            w7y = Avx512F.FusedMultiplyAdd(p, y, w7y);
        }

        Avx512F.Store(w, w0x);
        Avx512F.Store(w + 16, w0y);
        Avx512F.Store(w + stride, w1x);
        Avx512F.Store(w + stride + 16, w1y);
        Avx512F.Store(w + (2 * stride), w2x);
        Avx512F.Store(w + (2 * stride) + 16, w2y);
        Avx512F.Store(w + (3 * stride), w3x);
        Avx512F.Store(w + (3 * stride) + 16, w3y);
        Avx512F.Store(w + (4 * stride), w4x);
        Avx512F.Store(w + (4 * stride) + 16, w4y);
        Avx512F.Store(w + (5 * stride), w5x);
        Avx512F.Store(w + (5 * stride) + 16, w5y);
        Avx512F.Store(w + (6 * stride), w6x);
        Avx512F.Store(w + (6 * stride) + 16, w6y);
        Avx512F.Store(w + (7 * stride), w7x);
        Avx512F.Store(w + (7 * stride) + 16, w7y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OuterProduct1(float* a, float* d0, float* w, int rowStride, int pixels)
    {
        long stride = rowStride;
        var w0x = Avx512F.LoadVector512(w);
        var w1x = Avx512F.LoadVector512(w + stride);
        var w2x = Avx512F.LoadVector512(w + (2 * stride));
        var w3x = Avx512F.LoadVector512(w + (3 * stride));
        var w4x = Avx512F.LoadVector512(w + (4 * stride));
        var w5x = Avx512F.LoadVector512(w + (5 * stride));
        var w6x = Avx512F.LoadVector512(w + (6 * stride));
        var w7x = Avx512F.LoadVector512(w + (7 * stride));
        for (float* end = a + ((long)pixels * Lanes); a < end; a += Lanes)
        {
            var x = Avx512F.LoadVector512(d0);
            d0 += Lanes;
            var p = Vector512.Create(*a);
            w0x = Avx512F.FusedMultiplyAdd(p, x, w0x);
            p = Vector512.Create(a[1]);
            w1x = Avx512F.FusedMultiplyAdd(p, x, w1x);
            p = Vector512.Create(a[2]);
            w2x = Avx512F.FusedMultiplyAdd(p, x, w2x);
            p = Vector512.Create(a[3]);
            w3x = Avx512F.FusedMultiplyAdd(p, x, w3x);
            p = Vector512.Create(a[4]);
            w4x = Avx512F.FusedMultiplyAdd(p, x, w4x);
            p = Vector512.Create(a[5]);
            w5x = Avx512F.FusedMultiplyAdd(p, x, w5x);
            p = Vector512.Create(a[6]);
            w6x = Avx512F.FusedMultiplyAdd(p, x, w6x);
            p = Vector512.Create(a[7]);
            w7x = Avx512F.FusedMultiplyAdd(p, x, w7x);
        }

        Avx512F.Store(w, w0x);
        Avx512F.Store(w + stride, w1x);
        Avx512F.Store(w + (2 * stride), w2x);
        Avx512F.Store(w + (3 * stride), w3x);
        Avx512F.Store(w + (4 * stride), w4x);
        Avx512F.Store(w + (5 * stride), w5x);
        Avx512F.Store(w + (6 * stride), w6x);
        Avx512F.Store(w + (7 * stride), w7x);
    }
}
