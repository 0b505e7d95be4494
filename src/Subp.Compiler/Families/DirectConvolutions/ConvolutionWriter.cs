using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Writes a convolution for one instruction set: the layer method, which walks a thread's groups and bands, and the tile methods it calls.
/// Loop order: groups outside where the weights outweigh the input (each weight is then fetched once), bands outside where they do not.
/// </summary>
internal sealed class ConvolutionWriter(ConvolutionPlan plan, InstructionSet set)
{
    private readonly ConvolutionKernel _kernel = plan.Kernel(set);
    private readonly ConvolutionAddresses _addresses = new(plan, plan.Kernel(set));
    private readonly BufferPlan _output = plan.Output!;

    private bool HasResidual => plan.Inputs.Count > 1;

    /// <summary>True where the kernel reads its channels from a table.</summary>
    public static bool NeedsOffsets(ConvolutionPlan plan) => plan.Form is ConvolutionForm.TapUnrolled or ConvolutionForm.Table;

    private bool IsStraightLine => plan.Form == ConvolutionForm.StraightLine;

    /// <summary>Writes the tables of a convolution that reads its channels from a table.</summary>
    public static void WriteTables(CSharpWriter writer, ConvolutionPlan plan)
    {
        if (NeedsOffsets(plan))
            PatternTables.Write(writer, plan, plan.Pattern, plan.Pattern.Groups, plan.Inputs[0]!.ChannelOffset);
    }

    /// <summary>Writes all methods.</summary>
    public void Write(CSharpWriter writer)
    {
        WriteLayer(writer);
        if (IsStraightLine)
        {
            for (var group = 0; group < plan.Pattern.Groups; group++)
            {
                for (var part = 0; part < _kernel.Parts; part++)
                    new StraightLineWriter(plan, _kernel, group, part).Write(writer);
            }

            return;
        }

        if (plan.IsFlat(_kernel))
        {
            FlatTileMethod().Write(writer);
            return;
        }

        foreach (var columns in TileColumns())
        {
            foreach (var rows in TileRows())
                TileMethod(rows, columns).Write(writer);
        }
    }

    /// <summary>The row counts of the tile methods: the tile's own, and what is left at the bottom of an image.</summary>
    private IEnumerable<int> TileRows()
    {
        var rows = _kernel.Tile.Rows;
        if (_output.Height >= rows)
            yield return rows;
        if (rows > 1 && _output.Height % rows != 0)
            yield return _output.Height % rows;
    }

    /// <summary>
    /// The column counts of the tile methods: the tile's own, and what is left at the end of a row where no column may be computed twice.
    /// </summary>
    private IEnumerable<int> TileColumns()
    {
        var (columns, width) = (_kernel.Tile.Columns, _output.Width);
        yield return columns;
        if (plan.IsInPlace && width % columns != 0)
            yield return width % columns;
    }

    private ConvolutionTileMethod TileMethod(int rows, int columns) =>
        new(plan, _kernel with { Tile = _kernel.Tile with { Columns = columns } }, rows);

    private void WriteLayer(CSharpWriter writer)
    {
        var residual = HasResidual ? "float* residual, " : "";
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}. {Describe()}",
                $"internal static void {plan.MethodStem}(float* input, {residual}float* weights, float* bias, float* output, "
                    + $"{KernelText.RangeParameters})"
            )
        )
        {
            var order = LoopOrder.Of(plan, _kernel);
            if (order.GroupOutside)
            {
                writer.Line(
                    IsStraightLine
                        ? "// Groups outside: the code of a group is fetched once and run for all its tiles."
                        : "// Groups outside: their weights outweigh the input, so each group's weights are fetched once and used for "
                            + "all bands."
                );
                WriteGroupLoop(writer, "range.GroupFrom", "range.GroupTo", () => WriteTiles(writer, call => call()));
            }
            else if (order.ChunkGroups < plan.Pattern.Groups)
            {
                writer.Line(
                    $"// {KernelText.Count(order.ChunkGroups, "group")} at a time: their weights stay in the second cache for all tiles, what a tile "
                        + "reads in the first for them."
                );
                using (
                    writer.Block(
                        $"for (int firstGroup = range.GroupFrom; firstGroup < range.GroupTo; firstGroup += {Invariant($"{order.ChunkGroups}")})"
                    )
                )
                {
                    writer.Line($"int lastGroup = System::Math.Min(firstGroup + {Invariant($"{order.ChunkGroups}")}, range.GroupTo);");
                    WriteTiles(writer, call => WriteGroupLoop(writer, "firstGroup", "lastGroup", call));
                }
            }
            else
            {
                writer.Line(
                    "// Pixels outside: what a tile reads is in the nearest cache for all groups but the first, their weights in the next."
                );
                WriteTiles(writer, call => WriteGroupLoop(writer, "range.GroupFrom", "range.GroupTo", call));
            }

            KernelText.ClearHalo(writer, plan.HaloToClear, Planes(), plan.BandRows);
        }

        writer.Line();
    }

    /// <summary>Channel blocks whose halo belongs to the groups of this thread.</summary>
    private (string From, string To) Planes() =>
        plan.Pattern.BlockLength switch
        {
            16 => ("range.GroupFrom", "range.GroupTo"),
            var length when length % 16 == 0 => (
                Invariant($"range.GroupFrom * {length / 16}"),
                Invariant($"range.GroupTo * {length / 16}")
            ),
            var length => (Invariant($"(range.GroupFrom * {length} + 15) / 16"), Invariant($"(range.GroupTo * {length} + 15) / 16")),
        };

    /// <summary>The loops over the tiles of a thread, around what is done with each call of a tile.</summary>
    private void WriteTiles(CSharpWriter writer, Action<Action> body)
    {
        if (plan.IsFlat(_kernel))
            WriteFlatTiles(writer, () => body(() => FlatTileMethod().WriteCall(writer, "row", "column")));
        else
            WriteTileLoop(
                writer,
                () => WriteBand(writer, (rows, columns, row, column) => body(() => WriteCall(writer, rows, columns, row, column)))
            );
    }

    /// <summary>Tiles over the pixels of a thread's rows, one image after the other, as if an image were one row.</summary>
    private void WriteFlatTiles(CSharpWriter writer, Action body)
    {
        var (pixels, bands, height, width) = (_kernel.FlatPixels, plan.BandsPerImage, _output.Height, _output.Width);
        void Tiles(string firstRow, string lastRow)
        {
            writer.Line($"int lastPixel = {lastRow} * {width};");
            using (writer.Block($"for (int first = {firstRow} * {width}; first < lastPixel; first += {pixels})"))
            {
                writer.Line("// Tiles run over the ends of rows; the last one is moved back, and computes some pixels twice.");
                writer.Line($"int pixel = System::Math.Min(first, lastPixel - {pixels});");
                writer.Line($"int row = pixel / {width};");
                writer.Line($"int column = pixel - row * {width};");
                body();
            }
        }

        string Row(string tile) => Invariant($"System::Math.Min({height}, {KernelText.Scaled(tile, plan.BandRows)})");
        if (plan.Batch == 1)
        {
            Tiles(KernelText.Scaled("range.TileFrom", plan.BandRows), Row("range.TileTo"));
            return;
        }

        using (writer.Block($"for (int tile = range.TileFrom, next; tile < range.TileTo; tile = next)"))
        {
            writer.Line($"int image = tile / {bands};");
            writer.Line($"next = System::Math.Min(range.TileTo, (image + 1) * {bands});");
            Tiles(KernelText.Scaled(Invariant($"(tile - image * {bands})"), plan.BandRows), Row(Invariant($"(next - image * {bands})")));
        }
    }

    private ConvolutionTileMethod FlatTileMethod() => new(plan, _kernel with { Tile = plan.TileOf(_kernel) }, rows: 1);

    private void WriteTileLoop(CSharpWriter writer, Action body)
    {
        using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
        {
            KernelText.SplitTile(writer, plan.Batch, plan.BandsPerImage, plan.BandRows, _output.Shape.IsImage);
            body();
        }
    }

    private void WriteGroupLoop(CSharpWriter writer, string from, string to, Action body)
    {
        using (writer.Block($"for (int group = {from}; group < {to}; group++)"))
        {
            if (IsStraightLine)
            {
                body();
                return;
            }

            WriteGroupPointers(writer);
            if (_kernel.Parts == 1)
            {
                body();
                return;
            }

            writer.Line(
                $"// A group has {plan.Pattern.BlockLength} output channels; the registers hold {_addresses.PartChannels} at a time."
            );
            using (writer.Block($"for (int part = 0; part < {_kernel.Parts}; part++)"))
                body();
        }
    }

    private void WriteGroupPointers(CSharpWriter writer)
    {
        var window = plan.Convolution.Window;
        var blockWeights = window.Kernel.Height * window.Kernel.Width * plan.Pattern.BlockLength;
        if (plan.Pattern.IsUniform)
        {
            var kept = plan.Pattern.Kept(0).Count;
            writer.Line($"float* groupWeights = weights + (long)group * {kept * blockWeights};");
            if (NeedsOffsets(plan))
                writer.Line($"int* offsets = {PatternTables.Pointer(plan, "Offsets")} + group * {kept};");
            return;
        }

        writer.Line($"int firstBlock = {plan.MethodStem}_Starts[group];");
        writer.Line($"int blocks = {plan.MethodStem}_Starts[group + 1] - firstBlock;");
        writer.Line($"float* groupWeights = weights + (long)firstBlock * {blockWeights};");
        writer.Line($"int* offsets = {PatternTables.Pointer(plan, "Offsets")} + firstBlock;");
    }

    /// <summary>What is written for each register tile of a band.</summary>
    private delegate void TileBody(int rows, int columns, string row, string column);

    /// <summary>One band: its rows and columns in register tiles.</summary>
    private void WriteBand(CSharpWriter writer, TileBody body)
    {
        var rows = _kernel.Tile.Rows;
        var height = _output.Height;
        if (rows != plan.BandRows)
        {
            writer.Line($"int lastRow = System::Math.Min(row + {plan.BandRows}, {height});");
            using (writer.Block("for (int bandRow = row; bandRow < lastRow; bandRow++)"))
                WriteColumns(writer, 1, "bandRow", body);
        }
        else if (height % rows == 0)
        {
            WriteColumns(writer, rows, "row", body);
        }
        else
        {
            using (writer.Block($"if (row + {rows} <= {height})"))
                WriteColumns(writer, rows, "row", body);
            using (writer.Block("else"))
                WriteColumns(writer, height % rows, "row", body);
        }
    }

    private void WriteColumns(CSharpWriter writer, int rows, string row, TileBody body)
    {
        var (columns, width) = (_kernel.Tile.Columns, _output.Width);
        var tiles = _kernel.Tile.ColumnTiles(width);
        if (tiles == 1)
        {
            body(rows, columns, row, "0");
        }
        else if (width % columns == 0)
        {
            using (writer.Block($"for (int column = 0; column < {width}; column += {columns})"))
                body(rows, columns, row, "column");
        }
        else if (plan.IsInPlace)
        {
            var whole = width / columns * columns;
            using (writer.Block($"for (int column = 0; column < {whole}; column += {columns})"))
                body(rows, columns, row, "column");
            writer.Line("// The output lies where the residual does, so no column may be computed twice: a narrower tile ends the row.");
            body(rows, width - whole, row, Invariant($"{whole}"));
        }
        else
        {
            using (writer.Block($"for (int step = 0; step < {tiles}; step++)"))
            {
                writer.Line("// The last tile of a row is moved left to end at the edge; its first columns are computed twice.");
                writer.Line($"int column = System::Math.Min(step * {columns}, {width - columns});");
                body(rows, columns, row, "column");
            }
        }
    }

    private void WriteCall(CSharpWriter writer, int rows, int columns, string row, string column)
    {
        if (!IsStraightLine)
        {
            TileMethod(rows, columns).WriteCall(writer, row, column);
            return;
        }

        writer.Line($"float* pixels = {_addresses.Input(row, column)};");
        if (plan.Pattern.Groups == 1)
        {
            for (var part = 0; part < _kernel.Parts; part++)
                WriteStraightLineCalls(writer, row, column, 0, part);
            return;
        }

        using (writer.Block("switch (group)"))
        {
            for (var group = 0; group < plan.Pattern.Groups; group++)
            {
                writer.Line($"case {group}:");
                using (writer.Indented())
                {
                    for (var part = 0; part < _kernel.Parts; part++)
                        WriteStraightLineCalls(writer, row, column, group, part);
                    writer.Line("break;");
                }
            }
        }
    }

    private void WriteStraightLineCalls(CSharpWriter writer, string row, string column, int group, int part)
    {
        var output = _addresses.Tile("output", _output, row, column, group, part);
        var residual = HasResidual ? ", " + _addresses.Tile("residual", plan.Inputs[1]!, row, column, group, part) : "";
        var steps = ConvolutionTileMethod.StepArguments(plan, _kernel, _kernel.Tile.Rows);
        foreach (var method in StraightLineWriter.MethodNames(plan, _kernel, group, part))
            writer.Line($"{method}(pixels, weights, bias, {output}{residual}{steps});");
    }

    private string Describe()
    {
        var window = plan.Convolution.Window;
        var pattern = plan.Pattern;
        var shape = Invariant(
            $"{plan.Inputs[0]!.Shape.Channels} to {_output.Shape.Channels} channels, {_output.Height} x {_output.Width} pixels, "
                + $"kernel {window.Kernel.Height} x {window.Kernel.Width}, stride {window.Stride.Height} x {window.Stride.Width}."
        );
        if (!plan.IsSparse)
            return shape;
        return shape
            + (
                pattern.IsUniform
                    ? Invariant(
                        $" Each group of {pattern.BlockLength} output channels keeps {pattern.Kept(0).Count} of {pattern.InputChannels} "
                            + $"input channels."
                    )
                    : Invariant(
                        $" The groups of {pattern.BlockLength} output channels keep {pattern.KeptBlocks} of "
                            + $"{pattern.Groups * pattern.InputChannels} blocks, unevenly."
                    )
            );
    }
}
