namespace Subp.Onnx.Import.Volumes;

/// <summary>How a kernel slides along one axis.</summary>
/// <param name="Kernel">The number of taps.</param>
/// <param name="Stride">The step between two positions.</param>
/// <param name="Dilation">The distance between two taps.</param>
/// <param name="Before">The padding in front.</param>
/// <param name="After">The padding behind.</param>
internal readonly record struct AxisWindow(int Kernel, int Stride, int Dilation, int Before, int After)
{
    /// <summary>The elements from the first tap to the last.</summary>
    public long Span => ((Kernel - 1L) * Dilation) + 1;

    /// <summary>The number of positions over so many elements; 0 and less where the kernel does not fit.</summary>
    public long Positions(int extent) => Math.Max(0, extent + (long)Before + After - Span + Stride) / Stride;

    /// <summary>The elements, padding included, that the taps of all positions read: those of a position side by side.</summary>
    public int[] Places(int extent)
    {
        var places = new int[Positions(extent) * Kernel];
        for (var index = 0; index < places.Length; index++)
            places[index] = (index / Kernel * Stride) + (index % Kernel * Dilation);
        return places;
    }

    /// <summary>The positions that a transposed convolution makes of so many elements; 0 and less where padding takes all.</summary>
    public long TransposedPositions(int extent, int added) => ((extent - 1L) * Stride) + Span - Before - After + added;

    /// <summary>
    /// The elements that the taps of a transposed convolution read, those of a position side by side; the element behind the last one where
    /// a tap meets none.
    /// </summary>
    /// <param name="extent">The number of elements.</param>
    /// <param name="added">The positions that are added at the end.</param>
    public int[] TransposedPlaces(int extent, int added)
    {
        var places = new int[TransposedPositions(extent, added) * Kernel];
        for (var index = 0; index < places.Length; index++)
        {
            var steps = (index / Kernel) + Before - ((long)(index % Kernel) * Dilation);
            places[index] = steps >= 0 && steps % Stride == 0 && steps / Stride < extent ? (int)(steps / Stride) : extent;
        }

        return places;
    }
}
