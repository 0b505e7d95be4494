using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The convolution product of a range of images: gathers the source pixels of a tile of target pixels into a panel, multiplies
/// the panel with the packed weights, and stores the tile. A gathered line serves all target channels, so the copy costs a few
/// per cent of the product.
/// </summary>
internal static unsafe class GatherProduct
{
    /// <summary>The floats of scratch that a worker needs.</summary>
    public static long ScratchLength(MicroKernel kernel, ProductLayout layout, int sourceBlocks) =>
        ((long)layout.Taps * sourceBlocks * kernel.TilePixels * MicroKernel.Lanes) + (kernel.TilePixels * 2 * MicroKernel.Lanes);

    /// <summary>Computes target = weights * source, or adds to the target.</summary>
    /// <param name="kernel">The micro kernel.</param>
    /// <param name="plan">The geometry.</param>
    /// <param name="layout">Where the weights lie.</param>
    /// <param name="weights">The packed weights.</param>
    /// <param name="source">The source, [block][image][pixel][16].</param>
    /// <param name="sourceStride">The distance of two source blocks.</param>
    /// <param name="target">The target, [block][image][pixel][16].</param>
    /// <param name="targetStride">The distance of two target blocks.</param>
    /// <param name="bias">One value per target lane, or null.</param>
    /// <param name="kept">The rows that a mask has left, by which the weights then lie; null for all.</param>
    /// <param name="accumulate">Whether to add to what the target holds.</param>
    /// <param name="firstImage">The first image.</param>
    /// <param name="endImage">The image after the last.</param>
    /// <param name="scratch">Memory of <see cref="ScratchLength"/> floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(
        MicroKernel kernel,
        GatherPlan plan,
        ProductLayout layout,
        float* weights,
        float* source,
        long sourceStride,
        float* target,
        long targetStride,
        float* bias,
        KeptRows? kept,
        bool accumulate,
        int firstImage,
        int endImage,
        float* scratch
    )
    {
        int tile = kernel.TilePixels;
        float* result = scratch;
        float* panel = scratch + (tile * 2 * MicroKernel.Lanes);
        var tilePixels = new TilePixels(stackalloc long[tile], stackalloc int[tile]);
        long* targetPixel = stackalloc long[tile];
        int tapsBefore = 0;
        foreach (var gather in plan.Classes)
        {
            int pixels = gather.Pixels.Length;
            long total = (long)(endImage - firstImage) * pixels;
            for (long start = 0; start < total; start += tile)
            {
                int count = (int)Math.Min(tile, total - start);
                tilePixels.Place(plan, gather, firstImage, start, count);
                for (int i = 0; i < count; i++)
                {
                    long image = tilePixels.SourceImage[i] / plan.SourcePixels;
                    targetPixel[i] = ((image * plan.TargetPixels) + gather.Pixels[tilePixels.ClassPixel[i]]) * MicroKernel.Lanes;
                }

                for (int s = 0; s < layout.Strips.Length; s++)
                {
                    var strip = layout.Strips[s];
                    if (s == 0 || !layout.WholeSource)
                    {
                        Gather(
                            gather,
                            source + (strip.FirstSourceBlock * sourceStride),
                            sourceStride,
                            strip.SourceBlocks,
                            tilePixels,
                            count,
                            tile,
                            panel
                        );
                    }

                    if (kept is not null)
                    {
                        MultiplyKept(kernel, kept, strip, panel, weights, result);
                    }
                    else
                    {
                        float* packed = weights + strip.Offset + ((long)tapsBefore * strip.SourceBlocks * layout.Rows * strip.Width);
                        kernel.Multiply(panel, packed, result, gather.Taps.Length * strip.SourceBlocks, layout.Lanes, strip.Vectors);
                    }

                    for (int vector = 0; vector < strip.Vectors; vector++)
                    {
                        int block = strip.FirstTargetBlock + vector;
                        Store(
                            result + (vector * MicroKernel.Lanes),
                            strip.Width,
                            target + (block * targetStride),
                            targetPixel,
                            bias == null ? null : bias + (block * MicroKernel.Lanes),
                            accumulate,
                            count
                        );
                    }
                }
            }

            tapsBefore += gather.Taps.Length;
        }
    }

    private static void MultiplyKept(MicroKernel kernel, KeptRows kept, ProductStrip strip, float* panel, float* weights, float* result)
    {
        fixed (int* places = kept.Places)
        {
            for (int vector = 0; vector < strip.Vectors; vector++)
            {
                int row = kept.Starts[strip.FirstTargetBlock + vector];
                kernel.MultiplyRows(
                    panel,
                    places + row,
                    kept.Starts[strip.FirstTargetBlock + vector + 1] - row,
                    weights + ((long)row * MicroKernel.Lanes),
                    result + (vector * MicroKernel.Lanes),
                    strip.Width
                );
            }
        }
    }

    /// <summary>Gathers the source pixels of a tile into a panel [tap][block][tile pixel][16].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Gather(
        GatherClass gather,
        float* source,
        long sourceStride,
        int blocks,
        TilePixels tilePixels,
        int count,
        int tile,
        float* panel
    )
    {
        int pixels = gather.Pixels.Length;
        long blockLength = (long)tile * MicroKernel.Lanes;
        fixed (int* table = gather.Source)
        {
            for (int tap = 0; tap < gather.Taps.Length; tap++)
            {
                int* row = table + ((long)tap * pixels);
                for (int i = 0; i < count; i++)
                {
                    int from = row[tilePixels.ClassPixel[i]];
                    float* to = panel + (i * MicroKernel.Lanes);
                    if (from < 0)
                    {
                        for (int block = 0; block < blocks; block++, to += blockLength)
                        {
                            Vector256<float>.Zero.StoreAligned(to);
                            Vector256<float>.Zero.StoreAligned(to + 8);
                        }
                    }
                    else
                    {
                        float* line = source + ((tilePixels.SourceImage[i] + from) * MicroKernel.Lanes);
                        for (int block = 0; block < blocks; block++, to += blockLength, line += sourceStride)
                        {
                            Vector256.LoadAligned(line).StoreAligned(to);
                            Vector256.LoadAligned(line + 8).StoreAligned(to + 8);
                        }
                    }
                }

                // Rows of a tile beyond the last pixel keep old numbers: their products are computed and thrown away.
                panel += blocks * blockLength;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(float* result, int width, float* target, long* targetPixel, float* bias, bool accumulate, int count)
    {
        var low = bias == null ? Vector256<float>.Zero : Vector256.Load(bias);
        var high = bias == null ? Vector256<float>.Zero : Vector256.Load(bias + 8);
        for (int i = 0; i < count; i++, result += width)
        {
            float* to = target + targetPixel[i];
            var first = Vector256.LoadAligned(result) + low;
            var second = Vector256.LoadAligned(result + 8) + high;
            if (accumulate)
            {
                first += Vector256.LoadAligned(to);
                second += Vector256.LoadAligned(to + 8);
            }

            first.StoreAligned(to);
            second.StoreAligned(to + 8);
        }
    }
}
