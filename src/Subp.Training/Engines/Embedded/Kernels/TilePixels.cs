namespace Subp.Training.Engines.Embedded.Kernels;

/// <summary>Where the pixels of a tile, or of several, come from; a tile may reach over the end of an image.</summary>
/// <param name="sourceImage">For each pixel of the tile the first source pixel of its image.</param>
/// <param name="classPixel">For each pixel of the tile its number among those of the class.</param>
internal readonly ref struct TilePixels(Span<long> sourceImage, Span<int> classPixel)
{
    /// <summary>For each pixel of the tile the first source pixel of its image.</summary>
    public Span<long> SourceImage { get; } = sourceImage;

    /// <summary>For each pixel of the tile its number among those of the class.</summary>
    public Span<int> ClassPixel { get; } = classPixel;

    /// <summary>The pixels from one on.</summary>
    public TilePixels From(int pixel) => new(SourceImage[pixel..], ClassPixel[pixel..]);

    /// <summary>Places the tile that begins <paramref name="start"/> pixels of the class after the first image.</summary>
    public void Place(GatherPlan plan, GatherClass gather, int firstImage, long start, int count)
    {
        int pixels = gather.Pixels.Length;
        int image = firstImage + (int)(start / pixels);
        int pixel = (int)(start % pixels);
        for (int i = 0; i < count; i++)
        {
            ClassPixel[i] = pixel;
            SourceImage[i] = (long)image * plan.SourcePixels;
            if (++pixel == pixels)
            {
                pixel = 0;
                image++;
            }
        }
    }
}
