using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Writes the method that goes over the rows of a band in tiles, and the methods of the tiles.</summary>
/// <param name="plan">The layer.</param>
/// <param name="tile">The tiles.</param>
/// <param name="quads">How products are computed.</param>
internal sealed class TileRowsWriter(IntegerConvolutionPlan plan, IntegerTileWriter tile, QuadVectors quads)
{
    private readonly int _width = plan.OutputShape.Width;
    private readonly int _most = quads.MostPixels(plan);

    private int BandRow => plan.Rows.Stride * plan.BandColumns * tile.PixelBytes;

    // How far it is from one pixel to the next of the band.
    private int Step => plan.Columns.Stride * tile.PixelBytes;

    private bool JoinsTwoRows =>
        !plan.IsOneRow && plan.OutputShape.Height > 1 && TilePixels.JoinsTwoRows(_width, _most, quads.LeastPixels(tile.Vectors));

    private int ResultPitch => plan.Vectors * IntegerConvolutionPlan.Lanes;

    private int TargetRow => _width * (plan.IsFloat ? plan.DenseStrides.Pixel : plan.Pitch.Output);

    /// <summary>Writes all methods.</summary>
    public void Write(CSharpWriter writer)
    {
        var joined = TilePixels.OfJoinedRows(plan, _most);
        (int Pixels, int OfFirstRow)[] shapes = plan.IsOneRow
            ? [(joined.Pixels, 0), .. joined.EndWithBand ? [(joined.Pixels - 1, 0)] : Array.Empty<(int, int)>()]
            : [.. Tiles(rows: 1).Concat(JoinsTwoRows ? Tiles(rows: 2) : []).Select(each => (each.Pixels, each.OfFirstRow)).Distinct()];
        var firsts = Enumerable.Range(0, plan.Vectors / tile.Vectors).Select(index => index * tile.Vectors).ToArray();
        foreach (var (pixels, ofFirstRow) in shapes)
        {
            foreach (var same in firsts.GroupBy(first => tile.Name(pixels, ofFirstRow, first)))
                tile.Write(writer, pixels, ofFirstRow, same.First());
        }

        var target = plan.IsFloat ? "float* target, float* results, int channels" : "byte* target";
        var residual = plan.Residual is null ? "" : ", byte* residual";
        var gathering = tile.Gathering is null ? "" : TileGathering.BandParameters;
        var sizes = string.Join(" or ", shapes.Select(shape => shape.Pixels).Distinct().Select(pixels => Invariant($"{pixels}")));
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: the rows of a band, {sizes} pixels at a time")
                    + (plan.IsOneRow && !joined.EndWithBand ? "; the last ones move left to the end." : "."),
                $"private static void {plan.MethodStem}_{quads.Mode}Rows({gathering}byte* band, sbyte* weights, int* sums, {target}{residual}, int rows)"
            )
        )
        {
            if (plan.IsOneRow)
                WriteJoined(writer, joined.Pixels, joined.EndWithBand);
            else
                WriteRows(writer);
        }

        writer.Line();
    }

    private void WriteJoined(CSharpWriter writer, int pixels, bool endWithBand)
    {
        writer.Line($"int count = rows * {_width};");
        tile.Gathering?.WriteFirst(writer);
        if (endWithBand)
        {
            var shorter = pixels - 1;
            writer.Line(Invariant($"// The last tiles have {KernelText.Count(shorter, "pixel")}, so that they end with the band."));
            writer.Line($"int end = count - ({pixels} - count % {pixels}) % {pixels} * {shorter};");
            writer.Line("int place = 0;");
            using (writer.Block($"for (; place < end; place += {pixels})"))
                WriteTile(writer, pixels, 0, "place", 0);
            using (writer.Block($"for (; place < count; place += {shorter})"))
                WriteTile(writer, shorter, 0, "place", 0);
        }
        else
        {
            using (writer.Block($"for (int column = 0; column < count; column += {pixels})"))
            {
                writer.Line($"int place = System::Math.Min(column, count - {pixels});");
                WriteTile(writer, pixels, 0, "place", 0);
            }
        }

        WriteDense(writer, "count");
    }

    private void WriteRows(CSharpWriter writer)
    {
        if (!JoinsTwoRows)
        {
            using (writer.Block("for (int row = 0; row < rows; row++)"))
                WriteRow(writer);
            return;
        }

        writer.Line("// Two rows together: one of the tiles ends the first of them and begins the second.");
        writer.Line("int row = 0;");
        using (writer.Block("for (; row + 1 < rows; row += 2)"))
        {
            foreach (var (pixels, place, ofFirstRow) in Tiles(rows: 2))
                WriteTile(writer, pixels, ofFirstRow, Invariant($"{place}"), place >= _width ? BandRow - (_width * Step) : 0);
            WriteDense(writer, Invariant($"{2 * _width}"));
            Advance(writer, 2);
        }

        using (writer.Block("for (; row < rows; row++)"))
            WriteRow(writer);
    }

    // Tiles of one size after the other.
    private void WriteRow(CSharpWriter writer)
    {
        foreach (var same in Tiles(rows: 1).GroupBy(each => each.Pixels))
        {
            var (from, to) = (same.First().Place, same.Last().Place + same.Key);
            using (writer.Block($"for (int column = {from}; column < {to}; column += {same.Key})"))
                WriteTile(writer, same.Key, 0, "column", 0);
        }

        WriteDense(writer, Invariant($"{_width}"));
        Advance(writer, 1);
    }

    private void Advance(CSharpWriter writer, int rows)
    {
        writer.Line($"band += {rows * BandRow};");
        writer.Line($"target += {rows * TargetRow};");
        if (plan.Residual is not null)
            writer.Line($"residual += {rows * _width * plan.Pitch.Output};");
    }

    // The tiles of one or two rows: pixels, the first of them, and how many of a tile that has pixels of both rows are in the first; 0 for
    // the other tiles.
    private IEnumerable<(int Pixels, int Place, int OfFirstRow)> Tiles(int rows)
    {
        var place = 0;
        foreach (var pixels in TilePixels.Divide(rows * _width, _most))
        {
            yield return (pixels, place, place < _width && place + pixels > _width ? _width - place : 0);
            place += pixels;
        }
    }

    // The outputs of a group for the pixels of a tile from a place on.
    private void WriteTile(CSharpWriter writer, int pixels, int ofFirstRow, string place, int ahead)
    {
        var source = tile.Gathering?.Source(place) ?? $"band + {place} * {Step}{(ahead == 0 ? "" : Invariant($" + {ahead}"))}";
        tile.Gathering?.WriteNext(writer, place, pixels);
        for (var first = 0; first < plan.Vectors; first += tile.Vectors)
        {
            var vector = first == 0 ? "" : Invariant($" + {first * IntegerConvolutionPlan.Lanes}");
            var target = plan.IsFloat
                ? Invariant($"(byte*)(results + {place} * {ResultPitch}{vector})")
                : $"target + {place} * {plan.Pitch.Output}{vector}";
            writer.Line(
                $"{tile.Name(pixels, ofFirstRow, first)}({(tile.Gathers(first) ? tile.Gathering!.Arguments : "")}{source}, "
                    + $"{KernelText.Offset("weights", first * IntegerConvolutionPlan.QuadBytes)}, "
                    + $"{KernelText.Offset("sums", first * IntegerConvolutionPlan.Lanes)}, {target}"
                    + (plan.Residual is null ? "" : $", residual + {place} * {plan.Pitch.Output}{vector}")
                    + ");"
            );
        }

        tile.Gathering?.WriteSwap(writer);
    }

    // Planes are written by whole rows: those of a power of two of pixels fall into one set of the nearest cache, where lines that are
    // written to a few pixels at a time put one another out.
    private void WriteDense(CSharpWriter writer, string pixels)
    {
        if (!plan.IsFloat)
            return;
        var (channel, pixel) = plan.DenseStrides;
        writer.Line("for (int channel = 0; channel < channels; channel++)");
        using (writer.Indented())
        {
            writer.Line($"for (int pixel = 0; pixel < {pixels}; pixel++)");
            using (writer.Indented())
                writer.Line($"target[pixel * {pixel} + channel * {channel}] = results[pixel * {ResultPitch} + channel];");
        }
    }
}
