using Subp.Compiler.Planning;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>How many rows of cells a task computes.</summary>
internal static class TransposedStretches
{
    /// <summary>Floats of a panel of more than one row: a quarter of a megabyte, which stays in the second-level cache.</summary>
    private const int LargestPanel = 1 << 16;

    /// <summary>So many tasks, where there are rows for them, so that threads find work.</summary>
    private const int FewTasks = 16;

    /// <summary>Pixels that the costs are counted in: the longest vector.</summary>
    private const int Lanes = 16;

    /// <summary>What reading the weights for one more stretch costs, in vectors of pixels.</summary>
    private const double Weights = 0.5;

    /// <summary>
    /// The number of rows with the fewest vectors, those between rows and behind the last one included: of few rows the last vector is
    /// often nearly empty.
    /// </summary>
    /// <param name="cells">The cells.</param>
    /// <param name="inputs">Input channels of a panel.</param>
    /// <param name="others">The tasks of the same rows.</param>
    public static int RowsOf(TransposedCells cells, int inputs, int others)
    {
        var (best, least) = (1, double.MaxValue);
        for (var rows = 1; rows <= cells.Rows; rows++)
        {
            var stretches = ((cells.Rows - 1) / rows) + 1;
            if (rows > 1 && (stretches * others < FewTasks || PanelLength(cells, inputs, rows) > LargestPanel))
                break;
            var last = cells.Rows - ((stretches - 1) * rows);
            var cost = ((stretches - 1) * Vectors(cells, rows)) + Vectors(cells, last) + (stretches * Weights);
            if (cost < least)
                (best, least) = (rows, cost);
        }

        return best;
    }

    /// <summary>The floats of a panel, and of a vector behind it that the last cells reach into.</summary>
    public static int PanelLength(TransposedCells cells, int inputs, int rows) =>
        checked(BufferPlanner.RoundUp((inputs * ChannelStride(cells, rows)) + cells.FurtherColumns + Lanes));

    /// <summary>The distance between two channels of a panel.</summary>
    public static int ChannelStride(TransposedCells cells, int rows) => (rows + cells.FurtherRows) * cells.Pitch;

    /// <summary>The floats of the sums of a phase of one channel.</summary>
    public static int SumsLength(TransposedCells cells, int rows) => Vectors(cells, rows) * Lanes;

    private static int Vectors(TransposedCells cells, int rows) => ((cells.Length(rows) - 1) / Lanes) + 1;
}
