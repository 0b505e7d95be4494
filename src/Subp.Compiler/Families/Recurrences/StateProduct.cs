namespace Subp.Compiler.Families.Recurrences;

/// <summary>
/// The product that every step begins with: states of a few sequences times some rows of the recurrent weight, which are its columns. The
/// weight is packed in panels, each of which is read from its first row to its last.
/// </summary>
/// <param name="Name">The suffix of its methods.</param>
/// <param name="FirstColumn">The row of the weight that is the first column.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Inner">The elements of each sum: hidden units.</param>
internal sealed record StateProduct(string Name, int FirstColumn, int Columns, int Inner)
{
    /// <summary>The lanes of the longest vectors, to which columns are padded with zeros.</summary>
    private const int Padding = 16;

    // As many as keep four of the longest vectors of sums in flight: a single sequence leaves nothing else to do in the meantime.
    private const int MostPanelColumns = 64;

    /// <summary>The columns with those that pad them: the distance between the sums of two sequences.</summary>
    public int PaddedColumns => (Columns + Padding - 1) / Padding * Padding;

    /// <summary>The columns of a panel.</summary>
    public int PanelColumns => Math.Min(MostPanelColumns, PaddedColumns);

    /// <summary>The panels of the weight.</summary>
    public int Panels => ((Columns - 1) / PanelColumns) + 1;
}
