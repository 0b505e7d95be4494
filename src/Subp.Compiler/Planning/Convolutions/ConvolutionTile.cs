using Subp.Core.Operators;

namespace Subp.Compiler.Planning.Convolutions;

/// <summary>The register tile of a convolution kernel: output pixels whose accumulators live in registers during a whole group.</summary>
/// <param name="Rows">Rows of output pixels.</param>
/// <param name="Columns">Columns of output pixels; where they do not divide the width, the last tile of a row overlaps its neighbour.</param>
/// <param name="Vectors">Vectors of output channels per pixel.</param>
/// <param name="HoldsPixels">True where the input pixels of one kernel row stay in registers for all taps of that row (stride 1).</param>
public readonly record struct ConvolutionTile(int Rows, int Columns, int Vectors, bool HoldsPixels)
{
    /// <summary>Cycles from one multiply-add to the next that depends on it, on every processor this was measured on.</summary>
    private const int Latency = 4;

    /// <summary>The number of pixels.</summary>
    public int Pixels => Rows * Columns;

    /// <summary>The number of tiles along a row of output pixels.</summary>
    public int ColumnTiles(int width) => (width + Columns - 1) / Columns;

    /// <summary>
    /// The cheapest tile by a simple model of the core: per kept block it issues two multiply-adds, two loads and four instructions a cycle
    /// and waits for the latency of a chain; ragged edges cost what they compute twice. Larger tiles win ties.
    /// </summary>
    /// <param name="unit">The vector unit.</param>
    /// <param name="vectors">Vectors per pixel.</param>
    /// <param name="window">Kernel, stride and dilation.</param>
    /// <param name="height">Output rows.</param>
    /// <param name="width">Output columns.</param>
    /// <param name="rowChoices">The row counts to choose from.</param>
    /// <param name="mayHold">Whether pixels may stay in registers from tap to tap; not where taps are a loop.</param>
    public static ConvolutionTile Choose(VectorUnit unit, int vectors, Window window, int height, int width, IEnumerable<int> rowChoices, bool mayHold)
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
                    var cost = tile.CyclesPerBlock(unit, window) * tile.ColumnTiles(width) * ((height + rows - 1) / rows);
                    if (cost < bestCost - 1e-9 || (Math.Abs(cost - bestCost) <= 1e-9 && tile.Pixels > best.Pixels))
                        (best, bestCost) = (tile, cost);
                }

                if (columns == 1)
                    break;
            }
        }

        return best;
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

    private double CyclesPerBlock(VectorUnit unit, Window window)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        double multiplyAdds = Vectors * Pixels * taps;
        double loads = HoldsPixels
            ? window.Kernel.Height * ((Rows * HeldPixels(window)) + (Vectors * window.Kernel.Width))
            : taps * (Pixels + Vectors);
        var foldedLoads = !HoldsPixels && unit.EmbeddedBroadcast && Vectors == 1 ? taps * Pixels : 0;
        const double loopInstructions = 6;
        var instructions = multiplyAdds + loads - foldedLoads + loopInstructions;
        var chain = Vectors * Pixels < 2 * Latency ? taps * Latency : 0;
        return Math.Max(Math.Max(multiplyAdds / 2, loads / 2), Math.Max(instructions / 4, chain));
    }
}
