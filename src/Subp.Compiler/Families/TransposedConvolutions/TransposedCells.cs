using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Where the cells of a transposed convolution lie. A cell is as many output pixels as the stride along rows and columns, and the pixels at
/// one place in their cells are a phase: under one tap all pixels of a phase read the input at one distance from their cells. The rows of
/// the input under some rows of cells, put together with zeros around them, are a panel. In it the rows follow each other without a gap
/// beyond these zeros, so that a vector of a phase may go on from one row to the next.
/// </summary>
internal sealed class TransposedCells
{
    private TransposedCells(Axis rows, Axis columns, int width)
    {
        Rows = rows.Cells;
        Columns = columns.Cells;
        FirstRow = rows.Least;
        FirstColumn = columns.Least;
        FurtherRows = rows.Most - rows.Least;
        FurtherColumns = columns.Most - columns.Least;
        // Neither the last columns of a row reach into what the next one holds, nor the first ones into the one before.
        Pitch = Math.Max(columns.Cells, Math.Max(columns.Cells + columns.Most, width - columns.Least));
    }

    /// <summary>Rows of cells of an image.</summary>
    public int Rows { get; }

    /// <summary>Cells of a row.</summary>
    public int Columns { get; }

    /// <summary>The row of the input, counted from the row of a cell, that is the first which any tap reads.</summary>
    public int FirstRow { get; }

    /// <summary>The column of the input, counted from the column of a cell, that is the first which any tap reads.</summary>
    public int FirstColumn { get; }

    /// <summary>The rows that taps read behind the first.</summary>
    public int FurtherRows { get; }

    /// <summary>The columns that taps read behind the first.</summary>
    public int FurtherColumns { get; }

    /// <summary>The distance between two rows of a panel.</summary>
    public int Pitch { get; }

    /// <summary>The columns that the last cells of a row read behind it: zeros in front of the next row, or behind the last one.</summary>
    public int Reach => Math.Max(0, Columns + FurtherColumns - Pitch);

    /// <summary>The cells of a transposed convolution.</summary>
    public static TransposedCells Of(Window window, TensorShape input, TensorShape output) =>
        new(
            Axis.Of(output.Height, window.Kernel.Height, window.Stride.Height, window.Padding.Top, window.Dilation.Height),
            Axis.Of(output.Width, window.Kernel.Width, window.Stride.Width, window.Padding.Left, window.Dilation.Width),
            input.Width
        );

    /// <summary>The cells from the first of some rows to the last one, with those between the rows.</summary>
    public int Length(int rows) => ((rows - 1) * Pitch) + Columns;

    // Cells, and the least and the largest distance of what they read along one axis.
    private readonly record struct Axis(int Cells, int Least, int Most)
    {
        public static Axis Of(int extent, int kernel, int stride, int padding, int dilation)
        {
            var (least, most) = (int.MaxValue, int.MinValue);
            for (var phase = 0; phase < stride; phase++)
            {
                for (var tap = 0; tap < kernel; tap++)
                {
                    var place = phase + padding - (tap * dilation);
                    if (place % stride != 0)
                        continue;
                    least = Math.Min(least, place / stride);
                    most = Math.Max(most, place / stride);
                }
            }

            return new Axis(((extent - 1) / stride) + 1, least, most);
        }
    }
}
