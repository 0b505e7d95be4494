using Subp.Compiler.Families.Loops;
using Subp.Core.Graphs;

namespace Subp.Compiler.Families.Copies;

/// <summary>Collects the pieces of a copy in row-major values.</summary>
internal sealed class CopyMap
{
    /// <summary>Rows of one exchange: the columns that are read for them stay in the nearest cache.</summary>
    private const int ExchangedRows = 64;

    private readonly List<CopyPiece> _pieces = [];
    private int _tiles;

    /// <summary>The pieces so far.</summary>
    public IReadOnlyList<CopyPiece> Pieces => _pieces;

    /// <summary>Their tasks.</summary>
    public int Tiles => _tiles;

    /// <summary>Adds a rectangle of any number of axes that is walked by even steps.</summary>
    public void Add(int input, IReadOnlyList<int> extents, LoopOperand source, LoopOperand target)
    {
        if (FindExchange(extents, source, target) is not var (row, column))
        {
            Add(input, LoopNest.Of(extents, [source, target]), null);
            return;
        }

        // Whole stretches of rows, and what is left.
        var whole = extents[row] / ExchangedRows * ExchangedRows;
        if (whole > 0)
            AddExchange(input, extents, source, target, (row, column), (0, whole / ExchangedRows, ExchangedRows));
        if (whole < extents[row])
            AddExchange(input, extents, source, target, (row, column), (whole, 1, extents[row] - whole));
    }

    /// <summary>Adds a value whose axes map to those of an operand one by one.</summary>
    /// <param name="input">The operand.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="result">The shape of the result, of as many axes.</param>
    /// <param name="source">The index of the operand for an axis and an index of the result, or -1 for the constant.</param>
    public void AddByAxis(int input, TensorShape shape, TensorShape result, Func<int, int, int> source)
    {
        var (own, target) = (TensorStrides.RowMajor(shape), TensorStrides.RowMajor(result));
        var parts = Enumerable.Range(0, result.Rank).Select(axis => AxisParts.Of(result[axis], index => source(axis, index))).ToArray();
        Expand(0, []);

        void Expand(int axis, List<AxisPart> chosen)
        {
            if (axis == result.Rank)
            {
                AddParts(input, chosen, own, target);
                return;
            }

            foreach (var part in parts[axis])
            {
                List<AxisPart> next = [.. chosen, part];
                if (part.Source >= 0)
                    Expand(axis + 1, next);
                else
                    // What lies outside along one axis is the constant whatever the axes inside are.
                    AddConstant(
                        [.. next, .. Enumerable.Range(axis + 1, result.Rank - axis - 1).Select(inner => All(result[inner]))],
                        target
                    );
            }
        }
    }

    private static AxisPart All(int extent) => new(0, extent, 0, 1);

    private void AddParts(int input, List<AxisPart> parts, int[] own, int[] target)
    {
        var source = new LoopOperand(
            parts.Select((part, axis) => part.Table is null ? part.Source * own[axis] : 0).Sum(),
            [.. parts.Select((part, axis) => part.Step * own[axis])]
        )
        {
            Tables = parts.All(part => part.Table is null)
                ? []
                :
                [
                    .. parts.Select(
                        (part, axis) => part.Table is null ? null : (IReadOnlyList<int>)[.. part.Table.Select(index => index * own[axis])]
                    ),
                ],
        };
        var (extents, place) = (parts.Select(part => part.Count).ToArray(), Target(parts, target));
        if (source.Tables.Count == 0)
            Add(input, extents, source, place);
        else
            Add(input, LoopNest.Of(extents, [source, place]), null);
    }

    private void AddConstant(List<AxisPart> parts, int[] target) =>
        Add(-1, LoopNest.Of([.. parts.Select(part => part.Count)], [Target(parts, target)]), null);

    private static LoopOperand Target(List<AxisPart> parts, int[] target) =>
        new(parts.Select((part, axis) => part.Start * target[axis]).Sum(), target);

    private void Add(int input, LoopNest nest, Exchange? exchange)
    {
        _pieces.Add(new CopyPiece(input, nest, _tiles) { Exchange = exchange });
        _tiles += nest.Tiles;
    }

    // The axis whose steps are neighbours in the source, and the one whose steps are neighbours in the target, where these are two.
    private static (int Row, int Column)? FindExchange(IReadOnlyList<int> extents, LoopOperand source, LoopOperand target)
    {
        var (row, column) = (-1, -1);
        for (var axis = 0; axis < extents.Count; axis++)
        {
            if (extents[axis] > 1 && source.Strides[axis] == 1)
                row = axis;
            if (extents[axis] > 1 && target.Strides[axis] == 1)
                column = axis;
        }

        return row >= 0 && column >= 0 && row != column && source.Strides[column] > 1 ? (row, column) : null;
    }

    private void AddExchange(
        int input,
        IReadOnlyList<int> extents,
        LoopOperand source,
        LoopOperand target,
        (int Row, int Column) axes,
        (int First, int Count, int Rows) rows
    )
    {
        // The columns and the rows of a stretch belong to the exchange; the loops walk the other axes and the stretches.
        int[] walked =
        [
            .. extents.Select(
                (extent, axis) =>
                    axis == axes.Row ? rows.Count
                    : axis == axes.Column ? 1
                    : extent
            ),
        ];
        LoopOperand Moved(LoopOperand operand) =>
            new(
                operand.Start + (rows.First * operand.Strides[axes.Row]),
                [.. operand.Strides.Select((stride, axis) => axis == axes.Row ? stride * rows.Rows : stride)]
            );
        var exchange = new Exchange(rows.Rows, extents[axes.Column], target.Strides[axes.Row], source.Strides[axes.Column]);
        Add(input, LoopNest.Of(walked, [Moved(source), Moved(target)], hasRun: false, work: rows.Rows * extents[axes.Column]), exchange);
    }
}
