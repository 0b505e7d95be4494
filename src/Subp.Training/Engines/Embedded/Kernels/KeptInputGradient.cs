using System.Runtime.CompilerServices;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The input gradient of a masked convolution: for every block of output channels the product with its kept input channels alone, each of
/// which is then added to its place. The sum over output channels is taken block by block, which is another order than that of the dense
/// product and gives other roundings.
/// </summary>
internal static unsafe class KeptInputGradient
{
    /// <summary>The floats of scratch that a worker needs.</summary>
    public static long ScratchLength(MicroKernel kernel, ProductLayout layout) =>
        ((long)layout.Taps + 2) * kernel.TilePixels * MicroKernel.Lanes;

    /// <summary>Computes the input gradient of images [firstImage, endImage), or adds to it.</summary>
    /// <param name="kernel">The micro kernel.</param>
    /// <param name="plan">The backward plan.</param>
    /// <param name="columns">The kept channels.</param>
    /// <param name="weights">The packed weights.</param>
    /// <param name="source">The gradient of the output, [block][image][pixel][16].</param>
    /// <param name="sourceStride">The distance of two source blocks.</param>
    /// <param name="target">The gradient of the input, in the same form.</param>
    /// <param name="targetStride">The distance of two target blocks.</param>
    /// <param name="targetBlocks">The number of target blocks.</param>
    /// <param name="accumulate">Whether to add to what the target holds.</param>
    /// <param name="firstImage">The first image.</param>
    /// <param name="endImage">The image after the last.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        MicroKernel kernel,
        GatherPlan plan,
        KeptColumns columns,
        float* weights,
        float* source,
        long sourceStride,
        float* target,
        long targetStride,
        int targetBlocks,
        bool accumulate,
        int firstImage,
        int endImage,
        float* scratch
    )
    {
        if (!accumulate)
            Clear(target, targetStride, targetBlocks, plan.TargetPixels, firstImage, endImage);
        int tile = kernel.TilePixels;
        float* result = scratch;
        float* panel = scratch + (tile * 2 * MicroKernel.Lanes);
        var tilePixels = new TilePixels(stackalloc long[tile], stackalloc int[tile]);
        long* targetPixel = stackalloc long[tile];
        int tapsBefore = 0;
        int allTaps = plan.Classes.Sum(c => c.Taps.Length);
        foreach (var gather in plan.Classes)
        {
            int taps = gather.Taps.Length;
            long total = taps == 0 ? 0 : (long)(endImage - firstImage) * gather.Pixels.Length;
            for (long start = 0; start < total; start += tile)
            {
                int count = (int)Math.Min(tile, total - start);
                tilePixels.Place(plan, gather, firstImage, start, count);
                for (int i = 0; i < count; i++)
                {
                    long image = tilePixels.SourceImage[i] / plan.SourcePixels;
                    targetPixel[i] = ((image * plan.TargetPixels) + gather.Pixels[tilePixels.ClassPixel[i]]) * MicroKernel.Lanes;
                }

                float* packed = weights;
                for (int block = 0; block < columns.Strips.Length; block++)
                {
                    if (columns.Strips[block].Length == 0)
                        continue;
                    float* from = source + (block * sourceStride);
                    PixelPanel.Gather(gather, from, sourceStride, 1, 0, taps, tilePixels, count, tile, panel);
                    foreach (var strip in columns.Strips[block])
                    {
                        float* own = packed + ((long)tapsBefore * MicroKernel.Lanes * strip.Width);
                        new Span<float>(result, tile * strip.Width).Clear();
                        kernel.Multiply(panel, own, result, taps, MicroKernel.Lanes, strip.Vectors);
                        Scatter(result, strip, target, targetStride, targetPixel, count);
                        packed += (long)allTaps * MicroKernel.Lanes * strip.Width;
                    }
                }
            }

            tapsBefore += taps;
        }
    }

    private static void Clear(float* target, long targetStride, int targetBlocks, int pixels, int firstImage, int endImage)
    {
        int length = checked((endImage - firstImage) * pixels * MicroKernel.Lanes);
        for (int block = 0; block < targetBlocks; block++)
            new Span<float>(target + (block * targetStride) + ((long)firstImage * pixels * MicroKernel.Lanes), length).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter(float* result, KeptStrip strip, float* target, long targetStride, long* targetPixel, int count)
    {
        int width = strip.Width;
        int[] channels = strip.Channels;
        for (int lane = 0; lane < channels.Length; lane++)
        {
            float* column = target + (channels[lane] / MicroKernel.Lanes * targetStride) + (channels[lane] % MicroKernel.Lanes);
            float* sum = result + lane;
            for (int i = 0; i < count; i++, sum += width)
                column[targetPixel[i]] += *sum;
        }
    }
}
