using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Pooling;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>Writes the loop over rows of tiles of a stem whose result is pooled, and the pooling of each.</summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
internal sealed class WinogradPoolWriter(WinogradPlan plan, InstructionSet set)
{
    private int TileSize => plan.Transform.OutputSize;

    private int KeptRows => WinogradPool.RowsOfTilesKept * TileSize;

    /// <summary>Where the pixels of a tile are kept until they are pooled.</summary>
    /// <param name="plan">The layer.</param>
    /// <param name="plane">The block of 16 channels.</param>
    /// <param name="channel">What is added for a channel inside of the block.</param>
    public static string Target(WinogradPlan plan, string plane, string channel) =>
        Invariant($"rows + {plane} * {plan.KeptPlaneStride} + column * {plan.Transform.OutputSize * 16}{channel}");

    /// <summary>The first row of the result, of all images, that a row of tiles gives.</summary>
    public static string FirstRow(WinogradPlan plan, string tileRow)
    {
        var (height, rows) = (plan.Output!.Height, plan.Transform.OutputSize / plan.Pool!.Window.Stride.Height);
        return plan.Batch == 1
            ? Invariant($"System::Math.Min({height}, {tileRow} * {rows})")
            : Invariant($"{tileRow} / {plan.TileRows} * {height} + System::Math.Min({height}, {tileRow} % {plan.TileRows} * {rows})");
    }

    /// <summary>Writes the loop.</summary>
    /// <param name="writer">The file.</param>
    /// <param name="writeBlock">Writes what becomes of a block of tiles.</param>
    public void Write(CSharpWriter writer, Action writeBlock)
    {
        var blocks = (plan.TileColumns + plan.BlockTiles - 1) / plan.BlockTiles;
        writer.Line(
            $"float* kept = scratch + {plan.RowsOffset}; // [{plan.Output!.ChannelBlocks} blocks of channels][{KeptRows} rows]"
                + $"[{plan.TileColumns * TileSize} pixels][16]"
        );
        writer.Line(
            "// A row of tiles is pooled as soon as it is there. The first window of a row also reads the last pixels of the row above,"
        );
        writer.Line("// which is computed again where another thread has it.");
        var tileRow = plan.Batch == 1 ? "row" : "tileRow";
        writer.Line($"int firstRow = range.TileFrom % {plan.TileRows} == 0 ? range.TileFrom : range.TileFrom - 1;");
        using (writer.Block($"for (int {tileRow} = firstRow; {tileRow} < range.TileTo; {tileRow}++)"))
        {
            if (plan.Batch > 1)
            {
                writer.Line($"int image = tileRow / {plan.TileRows};");
                writer.Line($"int row = tileRow - image * {plan.TileRows};");
            }

            writer.Line($"float* rows = kept + row % {WinogradPool.RowsOfTilesKept} * {TileSize * plan.KeptRowPitch};");
            if (blocks == 1)
            {
                writer.Line($"const int firstColumn = 0, tiles = {plan.TileColumns};");
                writeBlock();
            }
            else
            {
                using (writer.Block($"for (int block = 0; block < {blocks}; block++)"))
                {
                    WriteColumns(writer, blocks);
                    writeBlock();
                }
            }

            writer.Line();
            writer.Line($"if ({tileRow} < range.TileFrom)");
            using (writer.Indented())
                writer.Line("continue;");
            WritePool(writer);
        }
    }

    private void WriteColumns(CSharpWriter writer, int blocks)
    {
        if (plan.TileColumns % blocks == 0)
        {
            var tiles = plan.TileColumns / blocks;
            writer.Line($"int firstColumn = block * {tiles};");
            writer.Line($"const int tiles = {tiles};");
            return;
        }

        writer.Line("// Blocks differ by one tile at most.");
        writer.Line($"int firstColumn = {plan.TileColumns} * block / {blocks};");
        writer.Line($"int tiles = {plan.TileColumns} * (block + 1) / {blocks} - firstColumn;");
    }

    private void WritePool(CSharpWriter writer)
    {
        var (window, output, shape) = (plan.Pool!.Window, plan.Output!, plan.Convolved);
        var (planes, rows) = (plan.Pattern.BlockLength / 16, TileSize / window.Stride.Height);
        writer.Line($"int end = System::Math.Min({KernelText.Scaled("(row + 1)", rows)}, {output.Height});");
        using (
            writer.Block(
                $"for (int channels = {KernelText.Scaled("range.GroupFrom", planes)}; channels < "
                    + $"{KernelText.Scaled("range.GroupTo", planes)}; channels++)"
            )
        )
        {
            writer.Line($"float* pixels = kept + channels * {plan.KeptPlaneStride};");
            using (writer.Block($"for (int pooled = row * {rows}; pooled < end; pooled++)"))
            {
                writer.Line("// Taps outside the image read the pixel at its edge, which the window holds anyway.");
                if (set != InstructionSet.Portable)
                    writer.Line("// Max gives its second operand where either is NaN; what it would lose of a NaN, the comparison keeps.");
                string[] places =
                [
                    "System::Math.Max(pooled * 2 - 1, 0)",
                    "pooled * 2",
                    output.Height * 2 > shape.Height
                        ? Invariant($"System::Math.Min(pooled * 2 + 1, {shape.Height - 1})")
                        : "(pooled * 2 + 1)",
                ];
                for (var tap = 0; tap < places.Length; tap++)
                    writer.Line($"float* row{tap} = pixels + {places[tap]} % {KeptRows} * {plan.KeptRowPitch};");
                writer.Line(
                    $"float* target = output + channels * {output.PlaneStride}{KernelText.ImageTerm(plan.Batch, output.BatchStride)} + "
                        + $"pooled * {output.RowPitch};"
                );
                MaximumWindowWriter.WriteSharedColumns(writer, window, (shape.Width, output.Width), VectorDialect.Longest(set));
            }
        }
    }
}
