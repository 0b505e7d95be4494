using Subp.Compiler.Families.Loops;

namespace Subp.Compiler.Families.Copies;

/// <summary>
/// A rectangle of a result whose elements all come from one operand by even steps or by tables, or all are one constant.
/// </summary>
/// <param name="Input">The operand, or -1 for the constant.</param>
/// <param name="Nest">The loops: source and target, or the target alone.</param>
/// <param name="FirstTile">The first task of the step that belongs to the piece.</param>
internal sealed record CopyPiece(int Input, LoopNest Nest, int FirstTile)
{
    /// <summary>
    /// Where neighbours in the result are far apart in the source and the other way round: the rows and columns that are exchanged in one
    /// run of the loops; null for a piece that is copied run by run.
    /// </summary>
    public Exchange? Exchange { get; init; }

    /// <summary>The elements that one task copies, about.</summary>
    public double ElementsPerTile =>
        Nest.Extents.Aggregate(1.0, (product, extent) => product * extent)
        * (Exchange is null ? 1 : (double)Exchange.Columns * Exchange.Rows)
        / Nest.Tiles;
}

/// <summary>A small transposition inside of a copy: element (row, column) of the target is element (column, row) of the source.</summary>
/// <param name="Rows">Rows of the target, which are neighbours in the source.</param>
/// <param name="Columns">Columns of the target, which are neighbours in the target.</param>
/// <param name="TargetStride">The distance of two rows in the target.</param>
/// <param name="SourceStride">The distance of two columns in the source.</param>
internal sealed record Exchange(int Rows, int Columns, int TargetStride, int SourceStride);
