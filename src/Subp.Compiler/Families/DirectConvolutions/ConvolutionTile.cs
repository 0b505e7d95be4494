using Subp.Compiler.Planning;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>The register tile of a convolution kernel: output pixels whose accumulators live in registers during a whole group.</summary>
/// <param name="Rows">Rows of output pixels.</param>
/// <param name="Columns">Columns of output pixels; where they do not divide the width, the last tile of a row overlaps its
/// neighbour.</param>
/// <param name="Vectors">Vectors of output channels per pixel.</param>
/// <param name="HoldsPixels">True where the input pixels of one kernel row stay in registers for all taps of that row (stride 1).</param>
internal readonly record struct ConvolutionTile(int Rows, int Columns, int Vectors, bool HoldsPixels)
{
    /// <summary>Cycles from one multiply-add to the next that depends on it, on every processor this was measured on.</summary>
    private const int Latency = 4;

    /// <summary>The number of pixels.</summary>
    public int Pixels => Rows * Columns;

    /// <summary>The number of tiles along a row of output pixels.</summary>
    public int ColumnTiles(int width) => (width + Columns - 1) / Columns;

    /// <summary>Cycles to enter and leave a tile, beyond the loads and stores of its sums.</summary>
    private const double TileOverhead = 30;

    /// <summary>
    /// What a load costs even where loads are not the bottleneck, in cycles: measured, a tile with fewer loads wins between equals.
    /// </summary>
    private const double LoadPressure = 0.05;

    /// <summary>
    /// What an input cache line costs, in cycles. The kept channels of a sparse layer are scattered, so a line that serves sixteen channels
    /// of a dense layer serves only a few; measured, 2 x 7 pixels (36 lines) beat 1 x 14 (48 lines) by 3 to 6 % at 75 % sparsity.
    /// </summary>
    private const double LinePressure = 0.2;

    /// <summary>How much of a stall behind a short row of sums the core cannot fill with the tile's other rows.</summary>
    private const double ChainPressure = 0.15;

    /// <summary>
    /// The cheapest tile by a simple model of the core: per kept block it issues two multiply-adds, two loads and four instructions a cycle
    /// and waits for the latency of its chains; ragged edges cost what they compute twice.
    /// </summary>
    /// <param name="unit">The vector unit.</param>
    /// <param name="vectors">Vectors per pixel.</param>
    /// <param name="window">Kernel, stride and dilation.</param>
    /// <param name="height">Output rows.</param>
    /// <param name="width">Output columns.</param>
    /// <param name="rowChoices">The row counts to choose from.</param>
    /// <param name="blocks">Kept blocks of a group, which share the cost of entering a tile.</param>
    /// <param name="mayHold">Whether pixels may stay in registers from tap to tap; not where taps are a loop.</param>
    public static ConvolutionTile Choose(
        VectorUnit unit,
        int vectors,
        Window window,
        int height,
        int width,
        IEnumerable<int> rowChoices,
        int blocks,
        bool mayHold
    )
    {
        var best = new ConvolutionTile(1, 1, vectors, HoldsPixels: false);
        var bestCost = double.MaxValue;
        foreach (var rows in rowChoices)
        {
            for (var tiles = 1; tiles <= width; tiles++)
            {
                var columns = (width + tiles - 1) / tiles;
                foreach (var holds in new[] { true, false })
                {
                    var tile = new ConvolutionTile(rows, columns, vectors, holds);
                    if (tile.RegistersNeeded(unit, window) > unit.Registers || (holds && !(mayHold && CanHold(window))))
                        continue;
                    var cost = tile.Cycles(unit, window, height, width, blocks);
                    if (cost < bestCost - 1e-9)
                        (best, bestCost) = (tile, cost);
                }

                if (columns == 1)
                    break;
            }
        }

        return best;
    }

    /// <summary>
    /// The tile of given pixels, with its input pixels held in registers or not, whichever is cheaper; null where its sums do not fit into
    /// the registers.
    /// </summary>
    /// <param name="unit">The vector unit.</param>
    /// <param name="vectors">Vectors per pixel.</param>
    /// <param name="window">Kernel, stride and dilation.</param>
    /// <param name="pixels">Rows and columns.</param>
    /// <param name="mayHold">Whether pixels may stay in registers from tap to tap; not where taps are a loop.</param>
    public static ConvolutionTile? Of(VectorUnit unit, int vectors, Window window, Extent pixels, bool mayHold)
    {
        var held = new ConvolutionTile(pixels.Height, pixels.Width, vectors, HoldsPixels: true);
        var loaded = held with { HoldsPixels = false };
        var holds = mayHold && CanHold(window) && held.RegistersNeeded(unit, window) <= unit.Registers;
        if (loaded.RegistersNeeded(unit, window) > unit.Registers)
            return holds ? held : null;
        return holds && held.CyclesPerBlock(unit, window) < loaded.CyclesPerBlock(unit, window) ? held : loaded;
    }

    /// <summary>Input pixels of one kernel row that a tile row reads, at stride 1.</summary>
    public int HeldPixels(Window window) => Columns + ((window.Kernel.Width - 1) * window.Dilation.Width);

    private static bool CanHold(Window window) => window.Stride.Width == 1 && window.Kernel.Width > 1;

    private int RegistersNeeded(VectorUnit unit, Window window)
    {
        var accumulators = Vectors * Pixels;
        if (HoldsPixels)
            return accumulators + HeldPixels(window) + (Rows == 1 ? Vectors : Vectors * window.Kernel.Width);
        return accumulators + Vectors + (unit.EmbeddedBroadcast && Vectors == 1 ? 0 : 1);
    }

    /// <summary>
    /// The pixels of the best tile that runs over the ends of rows, as if a map were one row, or 0 where it gains less than two percent.
    /// </summary>
    /// <param name="unit">The vector unit.</param>
    /// <param name="window">Kernel, stride and dilation.</param>
    /// <param name="height">Output rows.</param>
    /// <param name="width">Output columns.</param>
    /// <param name="blocks">Kept blocks of a group.</param>
    internal int FlatPixels(VectorUnit unit, Window window, int height, int width, int blocks)
    {
        if (window.Kernel != Extent.One || window.Stride != Extent.One || window.Padding != default || height == 1)
            return 0;
        var pixels = checked(height * width);
        var flat = Choose(unit, Vectors, window, 1, pixels, [1], blocks, mayHold: false);
        // A tile has pixels of two rows at most, so that one comparison tells on which of them a pixel lies.
        return flat.Columns <= width && flat.Cycles(unit, window, 1, pixels, blocks) < 0.98 * Cycles(unit, window, height, width, blocks)
            ? flat.Columns
            : 0;
    }

    /// <summary>Cycles of a map, for each kept block: tiles of all rows, and a smaller one for the rows left at the bottom.</summary>
    private double Cycles(VectorUnit unit, Window window, int height, int width, int blocks)
    {
        double OfTile(ConvolutionTile tile) => tile.CyclesPerBlock(unit, window) + (TileOverhead / Math.Max(1, blocks));
        var rest = height % Rows;
        var cycles = OfTile(this) * (height / Rows);
        if (rest > 0)
            cycles += OfTile(this with { Rows = rest });
        return cycles * ColumnTiles(width);
    }

    private double CyclesPerBlock(VectorUnit unit, Window window)
    {
        return CoreCycles(unit, window) + (LoadPressure * Loads(window)) + (LinePressure * InputPixels(window));
    }

    /// <summary>Input pixels that a tile reads, each of which is a cache line for a block of sixteen channels.</summary>
    internal int InputPixels(Window window) =>
        Span(Rows, window.Stride.Height, window.Kernel.Height, window.Dilation.Height)
        * Span(Columns, window.Stride.Width, window.Kernel.Width, window.Dilation.Width);

    /// <summary>Loads of one kept block, each of the first-level cache: pixels and weights.</summary>
    internal double Loads(Window window)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        return HoldsPixels
            ? window.Kernel.Height * ((Rows * HeldPixels(window)) + (Vectors * window.Kernel.Width))
            : taps * (Pixels + Vectors);
    }

    /// <summary>The cycles that one kept block needs at least: what the core can issue, and the latency of its chains.</summary>
    internal double CoreCycles(VectorUnit unit, Window window)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        double multiplyAdds = Vectors * Pixels * taps;
        var loads = Loads(window);
        var foldedLoads = !HoldsPixels && unit.EmbeddedBroadcast && Vectors == 1 ? taps * Pixels : 0;
        const double loopInstructions = 6;
        var instructions = multiplyAdds + loads - foldedLoads + loopInstructions;
        // Taps of one row follow each other at a distance of one row of sums. A shorter distance than the latency stalls a single row
        // fully; with more rows the core finds other work, but not all of it.
        var distance = Math.Min(1, Vectors * Columns / (2.0 * Latency));
        var stalled = multiplyAdds / 2 * (Rows == 1 ? 1 / distance : 1 + (ChainPressure * (1 - distance)));
        return Math.Max(Math.Max(stalled, loads / 2), instructions / 4);
    }

    /// <summary>Input rows or columns that some output rows or columns read; a stride beyond the kernel leaves some out.</summary>
    private static int Span(int outputs, int stride, int kernel, int dilation) =>
        Math.Min(outputs * kernel, ((outputs - 1) * stride) + ((kernel - 1) * dilation) + 1);
}
