using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The weight gradient of a range of images: for every tap and block of input channels the input pixels of a panel of output
/// pixels are gathered once and multiplied with the output gradients of all output channels.
/// </summary>
internal static unsafe class WeightGradient
{
    // A panel of 96 pixels of one input block and two output blocks is 18 KB: it stays in the first-level cache, and loading
    // and storing the 16 sums of the micro kernel is a few per cent of the 96 steps between.
    private const int PanelPixels = 96;

    /// <summary>The floats of scratch that a worker needs.</summary>
    public const int ScratchLength = PanelPixels * MicroKernel.Lanes;

    /// <summary>Adds the weight gradient of images [firstImage, endImage) to <paramref name="weights"/>.</summary>
    /// <param name="kernel">The micro kernel.</param>
    /// <param name="plan">The forward plan.</param>
    /// <param name="layout">Where weight gradients lie; rows are multiples of 8.</param>
    /// <param name="weights">The sums.</param>
    /// <param name="input">The input of the convolution, [block][image][pixel][16].</param>
    /// <param name="inputStride">The distance of two input blocks.</param>
    /// <param name="output">The gradient of the output, same form.</param>
    /// <param name="outputStride">The distance of two output blocks.</param>
    /// <param name="firstImage">The first image.</param>
    /// <param name="endImage">The image after the last.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        MicroKernel kernel,
        GatherPlan plan,
        ProductLayout layout,
        float* weights,
        float* input,
        long inputStride,
        float* output,
        long outputStride,
        int firstImage,
        int endImage,
        float* scratch
    )
    {
        var gather = plan.Classes[0];
        int pixels = gather.Pixels.Length;
        long total = (long)(endImage - firstImage) * pixels;
        int inputBlocks = layout.Strips.Max(strip => strip.FirstSourceBlock + strip.SourceBlocks);
        for (long start = 0; start < total; start += PanelPixels)
        {
            int count = (int)Math.Min(PanelPixels, total - start);
            float* gradient = output + ((((long)firstImage * pixels) + start) * MicroKernel.Lanes);
            for (int tap = 0; tap < gather.Taps.Length; tap++)
            {
                for (int block = 0; block < inputBlocks; block++)
                {
                    Gather(gather, tap, input + (block * inputStride), plan.SourcePixels, firstImage, start, count, scratch);
                    foreach (var strip in layout.Strips)
                    {
                        int local = block - strip.FirstSourceBlock;
                        if (local < 0 || local >= strip.SourceBlocks)
                            continue;

                        float* d0 = gradient + (strip.FirstTargetBlock * outputStride);
                        float* sums = weights + strip.Offset + ((((long)tap * strip.SourceBlocks) + local) * layout.Rows * strip.Width);
                        kernel.OuterProduct(scratch, d0, d0 + outputStride, sums, strip.Width, count, layout.Lanes, strip.Vectors);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(
        GatherClass gather,
        int tap,
        float* input,
        int sourcePixels,
        int firstImage,
        long start,
        int count,
        float* panel
    )
    {
        int pixels = gather.Pixels.Length;
        int pixel = (int)(start % pixels);
        float* image = input + ((firstImage + (start / pixels)) * sourcePixels * MicroKernel.Lanes);
        fixed (int* table = gather.Source)
        {
            int* row = table + ((long)tap * pixels);
            for (float* end = panel + ((long)count * MicroKernel.Lanes); panel < end; panel += MicroKernel.Lanes)
            {
                int from = row[pixel];
                float* line = image + ((long)from * MicroKernel.Lanes);
                (from < 0 ? Vector256<float>.Zero : Vector256.LoadAligned(line)).StoreAligned(panel);
                (from < 0 ? Vector256<float>.Zero : Vector256.LoadAligned(line + 8)).StoreAligned(panel + 8);
                if (++pixel == pixels)
                {
                    pixel = 0;
                    image += (long)sourcePixels * MicroKernel.Lanes;
                }
            }
        }
    }
}
