using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// The convolution product of a range of images: gathers the source pixels of a group of tiles into panels, multiplies them with the
/// packed weights, part by part of the sum, and stores the tiles. A gathered line serves all target channels, so the copy costs a few per
/// cent of the product.
/// </summary>
internal static unsafe class GatherProduct
{
    /// <summary>The floats of scratch that a worker needs.</summary>
    public static long ScratchLength(MicroKernel kernel, ProductLayout layout) =>
        ProductBlocking.ScratchLength(kernel.TilePixels, layout.Lanes, layout.TargetBlocks);

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
        // Strips of the same source channels share the gathered pixels; those of channel groups have their own.
        int strips = layout.WholeSource ? layout.Strips.Length : 1;
        var blocking = ProductBlocking.Of(tile, layout.Lanes, layout.WholeSource ? layout.TargetBlocks : 2, kept?.Share ?? 1);
        var pixels = new TilePixels(stackalloc long[tile * blocking.Tiles], stackalloc int[tile * blocking.Tiles]);
        long* targetPixel = stackalloc long[tile * blocking.Tiles];
        int tapsBefore = 0;
        foreach (var gather in plan.Classes)
        {
            long total = (long)(endImage - firstImage) * gather.Pixels.Length;
            for (long start = 0; start < total; start += tile * blocking.Tiles)
            {
                int count = (int)Math.Min(tile * blocking.Tiles, total - start);
                pixels.Place(plan, gather, firstImage, start, count);
                for (int i = 0; i < count; i++)
                {
                    long image = pixels.SourceImage[i] / plan.SourcePixels;
                    targetPixel[i] = ((image * plan.TargetPixels) + gather.Pixels[pixels.ClassPixel[i]]) * MicroKernel.Lanes;
                }

                for (int s = 0; s < layout.Strips.Length; s += strips)
                {
                    var group = layout.Strips.AsSpan(s, strips);
                    Sum(kernel, gather, layout, group, weights, tapsBefore, kept, source, sourceStride, pixels, count, blocking, scratch);
                    Store(scratch, group, tile, target, targetStride, targetPixel, bias, accumulate, count);
                }
            }

            tapsBefore += gather.Taps.Length;
        }
    }

    // Leaves the sums at the beginning of the scratch memory, [tile][target block][tile pixel][16 of one or two blocks].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(
        MicroKernel kernel,
        GatherClass gather,
        ProductLayout layout,
        ReadOnlySpan<ProductStrip> strips,
        float* weights,
        int tapsBefore,
        KeptRows? kept,
        float* source,
        long sourceStride,
        TilePixels pixels,
        int count,
        ProductBlocking blocking,
        float* scratch
    )
    {
        int tile = kernel.TilePixels;
        int tiles = (count + tile - 1) / tile;
        long lineLength = tile * MicroKernel.Lanes;
        long sumLength = TargetBlocks(strips) * lineLength;
        float* panels = scratch + (tiles * sumLength);
        new Span<float>(scratch, checked((int)(tiles * sumLength))).Clear();
        var (firstBlock, blocks) = (strips[0].FirstSourceBlock, strips[0].SourceBlocks);
        int allLines = gather.Taps.Length * blocks;
        for (int line = 0; line < allLines; line += blocking.Lines)
        {
            int lines = Math.Min(blocking.Lines, allLines - line);
            float* from = source + (firstBlock * sourceStride);
            for (int t = 0; t < tiles; t++)
            {
                var own = pixels.From(t * tile);
                int pixelCount = Math.Min(tile, count - (t * tile));
                float* panel = panels + (t * lines * lineLength);
                PixelPanel.Gather(gather, from, sourceStride, blocks, line, line + lines, own, pixelCount, tile, panel);
            }

            foreach (var strip in strips)
            {
                float* sums = scratch + ((strip.FirstTargetBlock - strips[0].FirstTargetBlock) * lineLength);
                if (kept is not null)
                {
                    MultiplyKept(kernel, kept, strip, weights, line, lines, panels, sums, sumLength, tiles);
                    continue;
                }

                float* packed = weights + strip.Offset + ((((long)tapsBefore * blocks) + line) * layout.Rows * strip.Width);
                float* panel = panels;
                for (int t = 0; t < tiles; t++, panel += lines * lineLength, sums += sumLength)
                    kernel.Multiply(panel, packed, sums, lines, layout.Lanes, strip.Vectors);
            }
        }
    }

    private static void MultiplyKept(
        MicroKernel kernel,
        KeptRows kept,
        ProductStrip strip,
        float* weights,
        int line,
        int lines,
        float* panels,
        float* sums,
        long sumLength,
        int tiles
    )
    {
        long lineLength = kernel.TilePixels * MicroKernel.Lanes;
        fixed (int* places = kept.Places)
        {
            for (int vector = 0; vector < strip.Vectors; vector++)
            {
                int block = strip.FirstTargetBlock + vector;
                int row = kept.FirstRow(block, line * lineLength);
                int rows = kept.FirstRow(block, (line + lines) * lineLength) - row;
                if (rows == 0)
                    continue;
                // Places count from the first line of all.
                float* panel = panels - (line * lineLength);
                float* own = sums + (vector * MicroKernel.Lanes);
                float* packed = weights + ((long)row * MicroKernel.Lanes);
                for (int t = 0; t < tiles; t++, panel += lines * lineLength, own += sumLength)
                    kernel.MultiplyRows(panel, places + row, rows, packed, own, strip.Width);
            }
        }
    }

    private static int TargetBlocks(ReadOnlySpan<ProductStrip> strips) =>
        strips[^1].FirstTargetBlock + strips[^1].Vectors - strips[0].FirstTargetBlock;

    private static void Store(
        float* sums,
        ReadOnlySpan<ProductStrip> strips,
        int tile,
        float* target,
        long targetStride,
        long* targetPixel,
        float* bias,
        bool accumulate,
        int count
    )
    {
        for (int first = 0; first < count; first += tile)
        {
            foreach (var strip in strips)
            {
                for (int vector = 0; vector < strip.Vectors; vector++)
                {
                    int block = strip.FirstTargetBlock + vector;
                    StoreBlock(
                        sums + (vector * MicroKernel.Lanes),
                        strip.Width,
                        target + (block * targetStride),
                        targetPixel + first,
                        bias == null ? null : bias + (block * MicroKernel.Lanes),
                        accumulate,
                        Math.Min(tile, count - first)
                    );
                }

                sums += tile * strip.Width;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StoreBlock(float* sums, int width, float* target, long* targetPixel, float* bias, bool accumulate, int count)
    {
        var low = bias == null ? Vector256<float>.Zero : Vector256.Load(bias);
        var high = bias == null ? Vector256<float>.Zero : Vector256.Load(bias + 8);
        for (int i = 0; i < count; i++, sums += width)
        {
            float* to = target + targetPixel[i];
            var first = Vector256.LoadAligned(sums) + low;
            var second = Vector256.LoadAligned(sums + 8) + high;
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
