using Subp.Training.Engines.Embedded;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Numerics;

namespace Subp.Training.Tests.Engines;

/// <summary>A sum that is taken part by part has the bits of one that is taken at once, so that results do not depend on caches.</summary>
public unsafe class MicroKernelTests
{
    private const int Blocks = 7;

    [Theory]
    [InlineData("avx512")]
    [InlineData("avx2")]
    [InlineData("portable")]
    public void Parts_of_a_sum_have_the_bits_of_the_whole(string kernelName)
    {
        if (Kernels.Find(kernelName) is not { } kernel)
            return;
        foreach (var (lanes, vectors) in new[] { (16, 2), (16, 1), (5, 2), (1, 1) })
        {
            int line = kernel.TilePixels * MicroKernel.Lanes;
            int width = vectors * MicroKernel.Lanes;
            using var pixels = Random(Blocks * line, 1);
            using var weights = Random(Blocks * lanes * width, 2);
            using var whole = Random(kernel.TilePixels * width, 3);
            using var parts = Random(kernel.TilePixels * width, 3);
            kernel.Multiply(pixels.Pointer, weights.Pointer, whole.Pointer, Blocks, lanes, vectors);
            foreach (var (first, end) in new[] { (0, 3), (3, 3), (3, 4), (4, Blocks) })
            {
                float* from = weights.Pointer + (first * lanes * width);
                kernel.Multiply(pixels.Pointer + (first * line), from, parts.Pointer, end - first, lanes, vectors);
            }

            Assert.Equal(whole.Span.ToArray(), parts.Span.ToArray());
        }
    }

    [Theory]
    [InlineData("avx512")]
    [InlineData("avx2")]
    [InlineData("portable")]
    public void Parts_of_the_kept_rows_have_the_bits_of_all(string kernelName)
    {
        if (Kernels.Find(kernelName) is not { } kernel)
            return;
        int line = kernel.TilePixels * MicroKernel.Lanes;
        int[] places = [0, 3, 15, line + 1, (2 * line) + 7, (5 * line) + 15];
        using var pixels = Random(Blocks * line, 1);
        using var weights = Random(places.Length * MicroKernel.Lanes, 2);
        using var whole = Random(kernel.TilePixels * 2 * MicroKernel.Lanes, 3);
        using var parts = Random(kernel.TilePixels * 2 * MicroKernel.Lanes, 3);
        fixed (int* place = places)
        {
            kernel.MultiplyRows(pixels.Pointer, place, places.Length, weights.Pointer, whole.Pointer, 2 * MicroKernel.Lanes);
            foreach (var (first, end) in new[] { (0, 2), (2, 5), (5, places.Length) })
            {
                float* from = weights.Pointer + (first * MicroKernel.Lanes);
                kernel.MultiplyRows(pixels.Pointer, place + first, end - first, from, parts.Pointer, 2 * MicroKernel.Lanes);
            }
        }

        Assert.Equal(whole.Span.ToArray(), parts.Span.ToArray());
    }

    private static AlignedBuffer Random(int length, ulong seed)
    {
        var random = new DeterministicRandom(seed);
        var buffer = new AlignedBuffer(length);
        foreach (ref float value in buffer.Span)
            value = (float)random.NextGaussian();
        return buffer;
    }
}
