using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// Depthwise convolutions: the 16 channels of a block are the lanes of the vectors, and every lane has its own weights. As products of
/// matrices they would be dense blocks with zeros beside the diagonal, which is 16 or 32 times the work.
/// </summary>
internal static unsafe class DepthwiseProduct
{
    // Four pixels share the weights of a tap, and their eight sums hide the latency of the additions.
    private const int Together = 4;

    /// <summary>Computes, for every target pixel of an image and 16 channels, the sum over taps of weight times source pixel.</summary>
    /// <param name="plan">The geometry.</param>
    /// <param name="weights">[tap of the plan, in the order of its classes][16].</param>
    /// <param name="source">The source image, [pixel][16].</param>
    /// <param name="target">The target image, [pixel][16].</param>
    /// <param name="bias">16 values.</param>
    /// <param name="zeros">16 zeros: what a tap in the padding reads.</param>
    /// <param name="accumulate">Whether to add to what the target holds.</param>
    public static void Run(GatherPlan plan, float* weights, float* source, float* target, float* bias, float* zeros, bool accumulate)
    {
        foreach (var gather in plan.Classes)
        {
            fixed (int* table = gather.Source)
            fixed (int* pixels = gather.Pixels)
            {
                int pixel = 0;
                for (; pixel <= gather.Pixels.Length - Together; pixel += Together)
                    Four(gather, table + pixel, pixels + pixel, weights, source, target, bias, zeros, accumulate);

                for (; pixel < gather.Pixels.Length; pixel++)
                    One(gather, table + pixel, pixels[pixel], weights, source, target, bias, zeros, accumulate);
            }

            weights += gather.Taps.Length * MicroKernel.Lanes;
        }
    }

    /// <summary>Adds, for every tap and 16 channels, the sum over the pixels of an image of input times output gradient.</summary>
    /// <param name="gather">The forward plan's only class.</param>
    /// <param name="input">The input image, [pixel][16].</param>
    /// <param name="gradient">The gradient of the output image, [pixel][16].</param>
    /// <param name="sums">[tap][16].</param>
    /// <param name="zeros">16 zeros.</param>
    public static void AddWeightGradient(GatherClass gather, float* input, float* gradient, float* sums, float* zeros)
    {
        int pixels = gather.Pixels.Length;
        fixed (int* table = gather.Source)
        {
            int tap = 0;
            for (; tap <= gather.Taps.Length - 3; tap += 3)
                ThreeTaps(table + ((long)tap * pixels), pixels, input, gradient, sums + (tap * MicroKernel.Lanes), zeros);

            for (; tap < gather.Taps.Length; tap++)
                OneTap(table + ((long)tap * pixels), pixels, input, gradient, sums + (tap * MicroKernel.Lanes), zeros);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(
        GatherClass gather,
        int* table,
        int* pixels,
        float* weights,
        float* source,
        float* target,
        float* bias,
        float* zeros,
        bool accumulate
    )
    {
        int stride = gather.Pixels.Length;
        int taps = gather.Taps.Length;
        var low0 = Vector256.Load(bias);
        var high0 = Vector256.Load(bias + 8);
        var (low1, low2, low3) = (low0, low0, low0);
        var (high1, high2, high3) = (high0, high0, high0);
        for (int tap = 0; tap < taps; tap++, table += stride, weights += MicroKernel.Lanes)
        {
            float* line0 = Line(source, table[0], zeros);
            float* line1 = Line(source, table[1], zeros);
            float* line2 = Line(source, table[2], zeros);
            float* line3 = Line(source, table[3], zeros);
            var low = Vector256.LoadAligned(weights);
            var high = Vector256.LoadAligned(weights + 8);
            low0 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line0), low, low0);
            high0 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line0 + 8), high, high0);
            low1 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line1), low, low1);
            high1 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line1 + 8), high, high1);
            low2 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line2), low, low2);
            high2 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line2 + 8), high, high2);
            low3 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line3), low, low3);
            high3 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line3 + 8), high, high3);
        }

        Store(target + ((long)pixels[0] * MicroKernel.Lanes), low0, high0, accumulate);
        Store(target + ((long)pixels[1] * MicroKernel.Lanes), low1, high1, accumulate);
        Store(target + ((long)pixels[2] * MicroKernel.Lanes), low2, high2, accumulate);
        Store(target + ((long)pixels[3] * MicroKernel.Lanes), low3, high3, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(
        GatherClass gather,
        int* table,
        int pixel,
        float* weights,
        float* source,
        float* target,
        float* bias,
        float* zeros,
        bool accumulate
    )
    {
        var low = Vector256.Load(bias);
        var high = Vector256.Load(bias + 8);
        for (int tap = 0; tap < gather.Taps.Length; tap++, table += gather.Pixels.Length, weights += MicroKernel.Lanes)
        {
            float* line = Line(source, *table, zeros);
            low = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line), Vector256.LoadAligned(weights), low);
            high = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line + 8), Vector256.LoadAligned(weights + 8), high);
        }

        Store(target + ((long)pixel * MicroKernel.Lanes), low, high, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ThreeTaps(int* table, int pixels, float* input, float* gradient, float* sums, float* zeros)
    {
        int* second = table + pixels;
        int* third = second + pixels;
        var (low0, high0) = (Vector256.Load(sums), Vector256.Load(sums + 8));
        var (low1, high1) = (Vector256.Load(sums + 16), Vector256.Load(sums + 24));
        var (low2, high2) = (Vector256.Load(sums + 32), Vector256.Load(sums + 40));
        for (int pixel = 0; pixel < pixels; pixel++, gradient += MicroKernel.Lanes)
        {
            float* line0 = Line(input, table[pixel], zeros);
            float* line1 = Line(input, second[pixel], zeros);
            float* line2 = Line(input, third[pixel], zeros);
            var low = Vector256.LoadAligned(gradient);
            var high = Vector256.LoadAligned(gradient + 8);
            low0 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line0), low, low0);
            high0 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line0 + 8), high, high0);
            low1 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line1), low, low1);
            high1 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line1 + 8), high, high1);
            low2 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line2), low, low2);
            high2 = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line2 + 8), high, high2);
        }

        Store(sums, low0, high0, accumulate: false);
        Store(sums + 16, low1, high1, accumulate: false);
        Store(sums + 32, low2, high2, accumulate: false);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneTap(int* table, int pixels, float* input, float* gradient, float* sums, float* zeros)
    {
        var low = Vector256.LoadAligned(sums);
        var high = Vector256.LoadAligned(sums + 8);
        for (int pixel = 0; pixel < pixels; pixel++, gradient += MicroKernel.Lanes)
        {
            float* line = Line(input, table[pixel], zeros);
            low = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line), Vector256.LoadAligned(gradient), low);
            high = Vector256.MultiplyAddEstimate(Vector256.LoadAligned(line + 8), Vector256.LoadAligned(gradient + 8), high);
        }

        Store(sums, low, high, accumulate: false);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Line(float* image, int pixel, float* zeros) => pixel < 0 ? zeros : image + ((long)pixel * MicroKernel.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* target, Vector256<float> low, Vector256<float> high, bool accumulate)
    {
        if (accumulate)
        {
            low += Vector256.LoadAligned(target);
            high += Vector256.LoadAligned(target + 8);
        }

        low.StoreAligned(target);
        high.StoreAligned(target + 8);
    }
}
