using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>How many output rows a band has where no hint says so.</summary>
internal static class BandSize
{
    /// <summary>Scratch memory that stays near the processor while all groups read it, in bytes.</summary>
    private const int ScratchBytes = 48 * 1024;

    /// <summary>
    /// Input that stays in the first-level cache while each group takes its channels from it, in bytes. Pixels that a stride skips count:
    /// nothing else that the layer reads often lies in their sets of the cache.
    /// </summary>
    private const int SourceBytes = 30 * 1024;

    /// <summary>The rows of a band: as many as stay near the processor, and bands of nearly the same size.</summary>
    /// <param name="window">The window.</param>
    /// <param name="input">The input as images.</param>
    /// <param name="output">The output as images.</param>
    /// <param name="places">Where the constants of the layer lie.</param>
    public static int RowsOf(Window window, TensorShape input, TensorShape output, IntegerLayerPlaces places)
    {
        var most = output.Height;
        while (most > 1 && !Fits(window, input, output, places, most, 1))
            most--;
        var bands = (output.Height + most - 1) / most;
        return (output.Height + bands - 1) / bands;
    }

    /// <summary>True where some rows take no more memory than a few times of what stays near the processor.</summary>
    /// <param name="window">The window.</param>
    /// <param name="input">The input as images.</param>
    /// <param name="output">The output as images.</param>
    /// <param name="places">Where the constants of the layer lie.</param>
    /// <param name="rows">The output rows.</param>
    /// <param name="times">How many times.</param>
    public static bool Fits(Window window, TensorShape input, TensorShape output, IntegerLayerPlaces places, int rows, int times)
    {
        var positions =
            BandGeometry.Rows(window, input.Height).Positions(rows)
            * (long)BandGeometry.Columns(window, input.Width).Positions(output.Width);
        var takesChannels = window.Kernel == Extent.One && places.Permutations > 0;
        return positions * places.Quads * 4 * sizeof(short) <= (long)times * ScratchBytes
            && (!takesChannels || (long)rows * output.Width * window.Stride.Width * input.Channels <= (long)times * SourceBytes);
    }
}
