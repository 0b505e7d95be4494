using System.Runtime.CompilerServices;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The weight gradient of the rows that a mask has left, of a range of images. Pixels are added in the order of
/// <see cref="WeightGradient"/>, so that kept weights get the same bits.
/// </summary>
internal static unsafe class KeptWeightGradient
{
    /// <summary>The floats of scratch that a worker needs.</summary>
    public static long ScratchLength(MicroKernel kernel, ProductLayout layout) =>
        ((long)layout.Taps * layout.Strips[0].SourceBlocks + 1) * kernel.TilePixels * MicroKernel.Lanes;

    /// <summary>Adds the weight gradient of images [firstImage, endImage) to <paramref name="sums"/>.</summary>
    /// <param name="kernel">The micro kernel.</param>
    /// <param name="plan">The forward plan.</param>
    /// <param name="kept">The kept rows.</param>
    /// <param name="sums">The sums, [kept row][16].</param>
    /// <param name="input">The input of the convolution, [block][image][pixel][16].</param>
    /// <param name="inputStride">The distance of two input blocks.</param>
    /// <param name="inputBlocks">The number of input blocks.</param>
    /// <param name="output">The gradient of the output, in the same form.</param>
    /// <param name="outputStride">The distance of two output blocks.</param>
    /// <param name="firstImage">The first image.</param>
    /// <param name="endImage">The image after the last.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        MicroKernel kernel,
        GatherPlan plan,
        KeptRows kept,
        float* sums,
        float* input,
        long inputStride,
        int inputBlocks,
        float* output,
        long outputStride,
        int firstImage,
        int endImage,
        float* scratch
    )
    {
        int tile = kernel.TilePixels;
        float* last = scratch;
        float* panel = scratch + (tile * MicroKernel.Lanes);
        var pixels = new TilePixels(stackalloc long[tile], stackalloc int[tile]);
        var gather = plan.Classes[0];
        long total = (long)(endImage - firstImage) * gather.Pixels.Length;
        int lines = gather.Taps.Length * inputBlocks;
        fixed (int* places = kept.Places)
        {
            for (long start = 0; start < total; start += tile)
            {
                int count = (int)Math.Min(tile, total - start);
                pixels.Place(plan, gather, firstImage, start, count);
                PixelPanel.Gather(gather, input, inputStride, inputBlocks, 0, lines, pixels, count, tile, panel);
                float* gradient = output + ((((long)firstImage * gather.Pixels.Length) + start) * MicroKernel.Lanes);
                for (int block = 0; block < kept.Starts.Length - 1; block++, gradient += outputStride)
                {
                    float* pixel = gradient;
                    if (count < tile)
                    {
                        // Pixels beyond the last add nothing.
                        new Span<float>(last, tile * MicroKernel.Lanes).Clear();
                        new ReadOnlySpan<float>(gradient, count * MicroKernel.Lanes).CopyTo(
                            new Span<float>(last, tile * MicroKernel.Lanes)
                        );
                        pixel = last;
                    }

                    int row = kept.Starts[block];
                    kernel.OuterProductRows(
                        panel,
                        places + row,
                        kept.Starts[block + 1] - row,
                        pixel,
                        sums + ((long)row * MicroKernel.Lanes)
                    );
                }
            }
        }
    }
}
