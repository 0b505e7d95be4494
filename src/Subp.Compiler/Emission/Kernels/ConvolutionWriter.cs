using Subp.Compiler.Planning;
using Subp.Compiler.Planning.Convolutions;
using Subp.Core.Graphs;
using static System.FormattableString;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// Writes a convolution for one instruction set: the layer method, which walks a thread's groups and bands, and the tile methods it calls.
/// Loop order: groups outside where the weights outweigh the input (each weight is then fetched once), bands outside where they do not.
/// </summary>
internal sealed class ConvolutionWriter(ConvolutionPlan plan, InstructionSet set)
{
    private readonly ConvolutionKernel _kernel = plan.Kernel(set);
    private readonly BufferPlan _input = plan.Inputs[0]!;
    private readonly BufferPlan _output = plan.Output!;
    private readonly string _stem = plan.MethodStem;

    private bool HasResidual => plan.Inputs.Count > 1;

    private bool IsStraightLine => plan.Form == ConvolutionForm.StraightLine;

    private int GroupWeights => plan.Pattern.Kept(0).Count * BlockWeights;

    private int BlockWeights => plan.Convolution.Window.Kernel.Height * plan.Convolution.Window.Kernel.Width * plan.Pattern.BlockLength;

    private int PartChannels => _kernel.Unit.Lanes * _kernel.Tile.Vectors;

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

        foreach (var rows in TileRows())
            WriteTile(writer, rows);
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

    private void WriteLayer(CSharpWriter writer)
    {
        var residual = HasResidual ? "float* residual, " : "";
        using (KernelText.Method(writer,
            Invariant($"{plan.Node.Name}: {plan.KernelName(set)}. {Describe()}"),
            $"internal static void {_stem}(float* input, {residual}float* weights, float* bias, float* output, {KernelText.RangeParameters})"))
        {
            if (plan.GroupOutside)
            {
                writer.Line("// Groups outside: their weights outweigh the input, so each group's weights are fetched once and used for all bands.");
                using (writer.Block("for (int group = groupFrom; group < groupTo; group++)"))
                {
                    WriteGroupPointers(writer);
                    WriteParts(writer, () => WriteTileLoop(writer, () => WriteBand(writer)));
                }
            }
            else
            {
                writer.Line("// Bands outside: the input outweighs the weights, so each band of input rows is read from nearby cache by all groups.");
                WriteTileLoop(writer, () =>
                {
                    using (writer.Block("for (int group = groupFrom; group < groupTo; group++)"))
                    {
                        WriteGroupPointers(writer);
                        WriteParts(writer, () => WriteBand(writer));
                    }
                });
            }

            KernelText.ClearHalo(writer, plan.Output, Planes(), plan.BandRows);
        }

        writer.Line();
    }

    /// <summary>Channel blocks whose halo belongs to the groups of this thread.</summary>
    private (string From, string To) Planes() => plan.Pattern.BlockLength switch
    {
        16 => ("groupFrom", "groupTo"),
        var length when length % 16 == 0 => (Invariant($"groupFrom * {length / 16}"), Invariant($"groupTo * {length / 16}")),
        var length => (Invariant($"(groupFrom * {length} + 15) / 16"), Invariant($"(groupTo * {length} + 15) / 16")),
    };

    private void WriteTileLoop(CSharpWriter writer, Action body)
    {
        using (writer.Block("for (int tile = tileFrom; tile < tileTo; tile++)"))
        {
            KernelText.SplitTile(writer, plan.Batch, plan.BandsPerImage, plan.BandRows);
            body();
        }
    }

    private void WriteGroupPointers(CSharpWriter writer)
    {
        if (IsStraightLine)
            return;
        if (plan.Pattern.IsUniform)
        {
            writer.Line(Invariant($"float* groupWeights = weights + (long)group * {GroupWeights};"));
            if (ConvolutionTables.NeedsOffsets(plan))
                writer.Line(Invariant($"int* offsets = {ConvolutionTables.Pointer(plan, "Offsets")} + group * {plan.Pattern.Kept(0).Count};"));
            return;
        }

        writer.Line($"int firstBlock = {_stem}_Starts[group];");
        writer.Line($"int blocks = {_stem}_Starts[group + 1] - firstBlock;");
        writer.Line(Invariant($"float* groupWeights = weights + (long)firstBlock * {BlockWeights};"));
        writer.Line($"int* offsets = {ConvolutionTables.Pointer(plan, "Offsets")} + firstBlock;");
    }

    private void WriteParts(CSharpWriter writer, Action body)
    {
        if (_kernel.Parts == 1 || IsStraightLine)
        {
            body();
            return;
        }

        writer.Line(Invariant($"// A group has {plan.Pattern.BlockLength} output channels; the registers hold {PartChannels} at a time."));
        using (writer.Block(Invariant($"for (int part = 0; part < {_kernel.Parts}; part++)")))
            body();
    }

    /// <summary>One band: its rows and columns in register tiles.</summary>
    private void WriteBand(CSharpWriter writer)
    {
        var window = plan.Convolution.Window;
        var rows = _kernel.Tile.Rows;
        var height = _output.Height;
        if (rows == plan.BandRows)
        {
            if (height % rows == 0)
            {
                WriteColumns(writer, rows);
                return;
            }

            using (writer.Block(Invariant($"if (row + {rows} <= {height})")))
                WriteColumns(writer, rows);
            using (writer.Block("else"))
                WriteColumns(writer, height % rows);
            return;
        }

        writer.Line(Invariant($"int lastRow = Math.Min(row + {plan.BandRows}, {height});"));
        using (writer.Block("for (int bandRow = row; bandRow < lastRow; bandRow++)"))
            WriteColumns(writer, 1, "bandRow");
    }

    private void WriteColumns(CSharpWriter writer, int rows, string row = "row")
    {
        var tile = _kernel.Tile;
        var tiles = tile.ColumnTiles(_output.Width);
        if (tiles == 1)
        {
            WriteCall(writer, rows, row, "0");
        }
        else if (_output.Width % tile.Columns == 0)
        {
            using (writer.Block(Invariant($"for (int column = 0; column < {_output.Width}; column += {tile.Columns})")))
                WriteCall(writer, rows, row, "column");
        }
        else
        {
            using (writer.Block(Invariant($"for (int step = 0; step < {tiles}; step++)")))
            {
                writer.Line(Invariant($"// The last tile of a row is moved left to end at the edge; its first columns are computed twice."));
                writer.Line(Invariant($"int column = Math.Min(step * {tile.Columns}, {_output.Width - tile.Columns});"));
                WriteCall(writer, rows, row, "column");
            }
        }
    }

    private void WriteCall(CSharpWriter writer, int rows, string row, string column)
    {
        var window = plan.Convolution.Window;
        var input = "input" + Terms(plan.Batch, _input, row, column, window.Stride.Height, window.Stride.Width);
        var channelTerm = ChannelTerm(_output);
        var output = "output" + channelTerm + Terms(plan.Batch, _output, row, column, 1, 1);
        var residual = HasResidual ? ", residual" + ChannelTerm(plan.Inputs[1]!) + Terms(plan.Batch, plan.Inputs[1]!, row, column, 1, 1) : "";
        if (IsStraightLine)
        {
            writer.Line("float* pixels = " + input + ";");
            WriteGroupSwitch(writer, row, column);
            return;
        }

        var part = _kernel.Parts == 1 ? "" : Invariant($" + part * {PartChannels}");
        var groupChannels = Invariant($"group * {plan.Pattern.BlockLength}");
        var arguments = new List<string>
        {
            input,
            "groupWeights" + part,
        };
        if (ConvolutionTables.NeedsOffsets(plan))
            arguments.Add("offsets");
        if (!plan.Pattern.IsUniform)
            arguments.Add("blocks");
        arguments.Add($"bias + {groupChannels}{part}");
        arguments.Add(output);
        writer.Line($"{TileName(rows)}({string.Join(", ", arguments)}{residual}{StepArguments(rows)});");
    }

    private string StepArguments(int rows) => ConvolutionTileWriter.NeedsSteps(plan, _kernel, rows)
        ? Invariant($", {plan.Convolution.Window.Dilation.Height * _input.RowPitch}, {plan.Convolution.Window.Dilation.Width * _input.PixelStride}")
        : "";

    private void WriteGroupSwitch(CSharpWriter writer, string row, string column)
    {
        using (writer.Block("switch (group)"))
        {
            for (var group = 0; group < plan.Pattern.Groups; group++)
            {
                writer.Line(Invariant($"case {group}:"));
                using (writer.Indented())
                {
                    for (var part = 0; part < _kernel.Parts; part++)
                    {
                        var channel = (group * plan.Pattern.BlockLength) + (part * PartChannels);
                        var output = KernelText.Offset("output", StraightLineWriter.ChannelOffset(_output, channel)) + Terms(plan.Batch, _output, row, column, 1, 1);
                        var residual = HasResidual
                            ? ", " + KernelText.Offset("residual", StraightLineWriter.ChannelOffset(plan.Inputs[1]!, channel)) + Terms(plan.Batch, plan.Inputs[1]!, row, column, 1, 1)
                            : "";
                        foreach (var method in StraightLineWriter.MethodNames(plan, _kernel, group, part))
                            writer.Line($"{method}(pixels, weights, bias, {output}{residual}{StepArguments(_kernel.Tile.Rows)});");
                    }

                    writer.Line("break;");
                }
            }
        }
    }

    /// <summary>The distance of the first channel of this group (and part), as a term.</summary>
    private string ChannelTerm(BufferPlan buffer)
    {
        var length = plan.Pattern.BlockLength;
        if (!buffer.Shape.IsImage)
            return Invariant($" + group * {length}") + (_kernel.Parts == 1 ? "" : Invariant($" + part * {PartChannels}"));
        if (length % 16 == 0 && _kernel.Parts == 1)
            return Invariant($" + group * {length / 16 * buffer.PlaneStride}");
        var channel = _kernel.Parts == 1 ? Invariant($"group * {length}") : Invariant($"(group * {length} + part * {PartChannels})");
        var whole = _kernel.Parts == 1 ? Invariant($"(group * {length})") : channel;
        return Invariant($" + ({whole} >> 4) * {buffer.PlaneStride} + ({whole} & 15)");
    }

    private static string Terms(int batch, BufferPlan buffer, string row, string column, int rowStep, int columnStep)
    {
        if (!buffer.Shape.IsImage)
            return KernelText.ImageTerm(batch, buffer.BatchStride);
        var text = KernelText.ImageTerm(batch, buffer.BatchStride) + Invariant($" + {row} * {rowStep * buffer.RowPitch}");
        return column == "0" ? text : text + Invariant($" + {KernelText.Scaled(column, columnStep * buffer.PixelStride)}");
    }

    private string TileName(int rows) => Invariant($"{_stem}_Tile{rows}x{_kernel.Tile.Columns}");

    private void WriteTile(CSharpWriter writer, int rows)
    {
        var tile = new ConvolutionTileWriter(plan, _kernel, rows);
        var steps = ConvolutionTileWriter.NeedsSteps(plan, _kernel, rows);
        var parameters = new List<string> { "float* input", "float* weights" };
        if (ConvolutionTables.NeedsOffsets(plan))
            parameters.Add("int* offsets");
        if (!plan.Pattern.IsUniform)
            parameters.Add("int blocks");
        parameters.AddRange(["float* bias", "float* output"]);
        if (HasResidual)
            parameters.Add("float* residual");
        if (steps)
            parameters.AddRange(["nint rowStep", "nint columnStep"]);
        using (KernelText.Method(writer,
            Invariant($"{rows} x {_kernel.Tile.Columns} output pixels of one group: bias, every kept block, {(HasResidual ? "residual, " : "")}activation, store."),
            $"private static void {TileName(rows)}({string.Join(", ", parameters)})"))
        {
            tile.WriteRegisterRoles(writer);
            if (steps)
            {
                writer.Line("// The steps between taps come as arguments: as constants they would let the JIT see that taps share pixels, and it would");
                writer.Line("// keep each loaded pixel for the next tap, which takes more registers than there are.");
            }

            tile.WriteStart(writer, fromBias: true);
            WriteBlockLoop(writer, () => tile.WriteBlock(writer, 0));
            tile.WriteEnd(writer, final: true);
        }

        writer.Line();
    }

    private void WriteBlockLoop(CSharpWriter writer, Action body)
    {
        if (ConvolutionTables.NeedsOffsets(plan))
        {
            var blocks = plan.Pattern.IsUniform ? Invariant($"{plan.Pattern.Kept(0).Count}") : "blocks";
            using (writer.Block($"for (int block = 0; block < {blocks}; block++)"))
            {
                writer.Line("float* pixel = input + offsets[block];");
                body();
            }

            return;
        }

        var channels = plan.Pattern.InputChannels;
        using (writer.Block(Invariant($"for (int channel = 0; channel < {channels}; channel++)")))
        {
            writer.Line(_input.Layout == Layout.Blocked16
                ? Invariant($"float* pixel = input + (channel >> 4) * {_input.PlaneStride} + (channel & 15);")
                : Invariant($"float* pixel = input + channel * {_input.PlaneStride};"));
            body();
        }
    }

    private string Describe()
    {
        var window = plan.Convolution.Window;
        var pattern = plan.Pattern;
        var kept = !plan.IsSparse
            ? ""
            : pattern.IsUniform
                ? Invariant($" Each group of {pattern.BlockLength} output channels keeps {pattern.Kept(0).Count} of {pattern.InputChannels} input channels.")
                : Invariant($" The groups of {pattern.BlockLength} output channels keep {pattern.KeptBlocks} of {pattern.Groups * pattern.InputChannels} blocks, unevenly.");
        return Invariant(
            $"{_input.Shape.Channels} to {_output.Shape.Channels} channels, {_output.Height} x {_output.Width} pixels, kernel {window.Kernel.Height} x {window.Kernel.Width}, stride {window.Stride.Height} x {window.Stride.Width}.{kept}");
    }
}
