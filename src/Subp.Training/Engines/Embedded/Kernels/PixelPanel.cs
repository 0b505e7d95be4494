using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>
/// Source pixels of a tile of target pixels, gathered so that a product reads them in order: [line][tile pixel][16], where a line is one
/// block of source channels at one tap, and the blocks of a tap follow each other.
/// </summary>
internal static unsafe class PixelPanel
{
    /// <summary>Gathers the lines [firstLine, endLine) of a tile.</summary>
    /// <param name="gather">Which source pixel each tap reads.</param>
    /// <param name="source">The first source block, [block][image][pixel][16].</param>
    /// <param name="sourceStride">The distance of two source blocks.</param>
    /// <param name="blocks">The source blocks that are read.</param>
    /// <param name="firstLine">The first line.</param>
    /// <param name="endLine">The line after the last.</param>
    /// <param name="pixels">The pixels of the tile; those beyond <paramref name="count"/> keep old numbers.</param>
    /// <param name="count">How many pixels of the tile there are.</param>
    /// <param name="tile">The pixels of a whole tile.</param>
    /// <param name="panel">The panel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather(
        GatherClass gather,
        float* source,
        long sourceStride,
        int blocks,
        int firstLine,
        int endLine,
        TilePixels pixels,
        int count,
        int tile,
        float* panel
    )
    {
        long lineLength = (long)tile * MicroKernel.Lanes;
        fixed (int* table = gather.Source)
        {
            int line = firstLine;
            while (line < endLine)
            {
                int tap = line / blocks;
                int block = line % blocks;
                int lines = Math.Min(blocks - block, endLine - line);
                int* row = table + ((long)tap * gather.Pixels.Length);
                for (int i = 0; i < count; i++)
                {
                    int from = row[pixels.ClassPixel[i]];
                    float* to = panel + (i * MicroKernel.Lanes);
                    if (from < 0)
                    {
                        for (int n = 0; n < lines; n++, to += lineLength)
                        {
                            Vector256<float>.Zero.StoreAligned(to);
                            Vector256<float>.Zero.StoreAligned(to + 8);
                        }
                    }
                    else
                    {
                        float* pixel = source + (block * sourceStride) + ((pixels.SourceImage[i] + from) * MicroKernel.Lanes);
                        for (int n = 0; n < lines; n++, to += lineLength, pixel += sourceStride)
                        {
                            Vector256.LoadAligned(pixel).StoreAligned(to);
                            Vector256.LoadAligned(pixel + 8).StoreAligned(to + 8);
                        }
                    }
                }

                panel += lines * lineLength;
                line += lines;
            }
        }
    }
}
