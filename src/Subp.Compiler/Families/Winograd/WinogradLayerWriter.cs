using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Writes the layer method of a convolution in the Winograd domain: the loops over blocks of tiles, chunks of groups and positions.
/// </summary>
internal sealed class WinogradLayerWriter(WinogradPlan plan, InstructionSet set, WinogradParts parts)
{
    private readonly BufferPlan _input = plan.Inputs[0]!;
    private readonly BufferPlan _output = plan.Output!;
    private readonly BufferPlan? _residual = plan.Inputs.Count > 1 ? plan.Inputs[1] : null;
    private readonly int _blockLength = plan.Pattern.BlockLength;

    private int OutputSize => plan.Transform.OutputSize;

    /// <summary>Writes the method.</summary>
    public void Write(CSharpWriter writer)
    {
        var residual = _residual is null ? "" : "float* residual, ";
        using (
            KernelText.Method(
                writer,
                $"{plan.Node.Name}: {plan.KernelName(set)}. {Describe()}",
                $"internal static void {plan.MethodStem}(float* input, {residual}float* weights, float* bias, float* output, float* "
                    + $"scratch, {KernelText.RangeParameters})"
            )
        )
        {
            writer.Line(
                $"// A task is a group of {_blockLength} output channels and a {(plan.Pool is null ? "tile" : "row of tiles")} of {OutputSize} x "
                    + $"{OutputSize} pixels; the weights lie in chunks of {KernelText.Count(plan.ChunkGroups, "group")}."
            );
            writer.Line(
                $"float* transformed = scratch; // [{plan.Transform.Positions} positions][{plan.TransformedBlocks} blocks of "
                    + $"channels][{plan.BlockTiles} tiles][16]"
            );
            writer.Line(
                $"float* products = scratch + {plan.ProductsOffset}; // [{plan.Transform.Positions} positions][{plan.ChunkGroups} "
                    + $"groups][{plan.BlockTiles} tiles][{_blockLength}]"
            );
            writer.Line($"int* offsets = {PatternTables.Pointer(plan, "Offsets")};");
            if (plan.IsPhased)
            {
                var (rows, columns) = (plan.Transform.InputSize, plan.PhaseColumns);
                writer.Line($"float* phases = scratch + {plan.PhasesOffset}; // [{rows} rows][{columns} columns][16]");
                writer.Line($"new System::Span<float>(phases, {rows * columns * 16}).Clear();");
            }

            if (plan.Pool is null)
                WriteBlocks(writer);
            else
                new WinogradPoolWriter(plan, set).Write(writer, () => WriteBlock(writer));
            WriteHalo(writer);
        }

        writer.Line();
    }

    private void WriteBlocks(CSharpWriter writer)
    {
        writer.Line($"int blocks = (range.TileTo - range.TileFrom + {plan.BlockTiles - 1}) / {plan.BlockTiles};");
        using (writer.Block("for (int block = 0; block < blocks; block++)"))
        {
            writer.Line("// Blocks differ by one tile at most.");
            writer.Line("int firstTile = range.TileFrom + (range.TileTo - range.TileFrom) * block / blocks;");
            writer.Line("int tiles = range.TileFrom + (range.TileTo - range.TileFrom) * (block + 1) / blocks - firstTile;");
            WriteBlock(writer);
        }
    }

    /// <summary>Writes what becomes of <c>tiles</c> tiles from <c>firstTile</c> on, or from <c>firstColumn</c> on in a row that is pooled.</summary>
    private void WriteBlock(CSharpWriter writer)
    {
        WriteInput(writer);
        writer.Line();
        using (
            writer.Block(
                $"for (int chunk = range.GroupFrom / {plan.ChunkGroups}; {KernelText.Scaled("chunk", plan.ChunkGroups)} < range.GroupTo; "
                    + "chunk++)"
            )
        )
        {
            writer.Line($"int firstGroup = System::Math.Max(range.GroupFrom, {KernelText.Scaled("chunk", plan.ChunkGroups)});");
            writer.Line($"int lastGroup = System::Math.Min(range.GroupTo, (chunk + 1) * {plan.ChunkGroups});");
            WriteProducts(writer);
            WriteOutput(writer);
        }
    }

    private void WriteInput(CSharpWriter writer)
    {
        if (plan.IsPhased)
        {
            new WinogradPhaseWriter(plan, set).Write(writer, () => WriteTilePlace(writer));
            return;
        }

        var lanes = VectorDialect.Longest(set).Lanes;

        writer.Line();
        writer.Line("// The input tiles of the block, transformed.");
        using (writer.Block($"for (int channels = 0; channels < {_input.ChannelBlocks}; channels++)"))
        {
            using (writer.Block("for (int index = 0; index < tiles; index++)"))
            {
                WriteTilePlace(writer);
                writer.Line(
                    $"float* pixels = input + channels * {_input.PlaneStride}{KernelText.ImageTerm(plan.Batch, _input.BatchStride)} + "
                        + $"row * {OutputSize * _input.RowPitch} + column * {OutputSize * 16};"
                );
                writer.Line($"float* target = transformed + channels * {plan.TransformedBlockStride} + index * 16;");
                for (var lane = 0; lane < 16; lane += lanes)
                    writer.Line(
                        $"{WinogradInputWriter.MethodOf(plan.Transform)}({KernelText.Offset("pixels", lane)}, {_input.RowPitch}, "
                            + $"{KernelText.Offset("target", lane)}, {plan.TransformedStride});"
                    );
            }
        }
    }

    private void WriteProducts(CSharpWriter writer)
    {
        var pattern = plan.Pattern;
        writer.Line();
        writer.Line("// Sums of products at every position; the weights lie in the order of use.");
        WriteWeights(writer);
        using (writer.Block($"for (int position = 0; position < {plan.Transform.Positions}; position++)"))
        {
            writer.Line("float* blockWeights = chunkWeights + position * positionStride;");
            writer.Line($"float* pixels = transformed + position * {plan.TransformedStride};");
            writer.Line($"float* sums = products + position * {plan.ProductStride};");
            using (writer.Block("for (int group = firstGroup; group < lastGroup; group++)"))
            {
                string groupOffsets,
                    blocks;
                if (pattern.IsUniform)
                {
                    var kept = pattern.Kept(0).Count;
                    blocks = Invariant($"{kept}");
                    groupOffsets = pattern.IsFull ? "offsets" : Invariant($"offsets + group * {kept}");
                }
                else
                {
                    writer.Line($"int keptBlocks = {plan.MethodStem}_Starts[group + 1] - {plan.MethodStem}_Starts[group];");
                    (blocks, groupOffsets) = ("keptBlocks", $"offsets + {plan.MethodStem}_Starts[group]");
                }

                WriteProductCalls(writer, groupOffsets, blocks);
                writer.Line(
                    pattern.IsUniform
                        ? Invariant($"blockWeights += {pattern.Kept(0).Count * _blockLength};")
                        : Invariant($"blockWeights += {blocks} * {_blockLength};")
                );
                writer.Line($"sums += {plan.ProductGroupStride};");
            }
        }
    }

    /// <summary>
    /// Where the weights of the first group begin at position 0, and how far apart positions are: a thread may have some groups of a chunk
    /// only.
    /// </summary>
    private void WriteWeights(CSharpWriter writer)
    {
        var pattern = plan.Pattern;
        var (chunk, positions) = (plan.ChunkGroups, plan.Transform.Positions);
        if (pattern.IsUniform)
        {
            var group = pattern.Kept(0).Count * _blockLength;
            var stride =
                pattern.Groups % chunk == 0
                    ? Invariant($"const int positionStride = {chunk * group};")
                    : Invariant($"int positionStride = System::Math.Min({chunk}, {pattern.Groups} - chunk * {chunk}) * {group};");
            writer.Line(stride);
            writer.Line(
                $"float* chunkWeights = weights + (long)chunk * {(long)chunk * group * positions} + (firstGroup - chunk * {chunk}) * "
                    + $"{group};"
            );
            return;
        }

        writer.Line($"int chunkStart = {plan.MethodStem}_Starts[chunk * {chunk}];");
        writer.Line(
            $"int positionStride = ({plan.MethodStem}_Starts[System::Math.Min((chunk + 1) * {chunk}, {pattern.Groups})] - chunkStart) * "
                + $"{_blockLength};"
        );
        writer.Line(
            $"float* chunkWeights = weights + (long)chunkStart * {positions * _blockLength} + ({plan.MethodStem}_Starts[firstGroup] - "
                + $"chunkStart) * {_blockLength};"
        );
    }

    private void WriteProductCalls(CSharpWriter writer, string offsets, string blocks)
    {
        var sizes = parts.BlockSizes(plan);
        string Call(int size) => $"{WinogradParts.ProductsOf(plan, size).Method}(pixels, {offsets}, blockWeights, sums, {blocks});";
        if (sizes.Count == 1)
        {
            writer.Line(Call(sizes[0]));
            return;
        }

        using (writer.Block("switch (tiles)"))
        {
            foreach (var size in sizes)
            {
                writer.Line($"case {size}:");
                using (writer.Indented())
                {
                    writer.Line(Call(size));
                    writer.Line("break;");
                }
            }
        }
    }

    private void WriteOutput(CSharpWriter writer)
    {
        var lanes = plan.Kernel(set).Unit.Lanes;
        var suffix = parts.Suffix(WinogradParts.EpilogueOf(plan, set), set);
        writer.Line();
        writer.Line("// The sums, transformed back into pixels.");
        using (writer.Block("for (int group = firstGroup; group < lastGroup; group++)"))
        {
            using (writer.Block("for (int index = 0; index < tiles; index++)"))
            {
                WriteTilePlace(writer);
                writer.Line($"float* sums = products + (group - firstGroup) * {plan.ProductGroupStride} + index * {_blockLength};");
                if (_blockLength == lanes && lanes == 16)
                {
                    writer.Line("float* start = bias + group * 16;");
                    WriteTile(writer, suffix, "group", "");
                    return;
                }

                using (writer.Block($"for (int lane = 0; lane < {_blockLength}; lane += {lanes}, sums += {lanes})"))
                {
                    writer.Line($"int channel = group * {_blockLength} + lane;");
                    writer.Line("float* start = bias + channel;");
                    WriteTile(writer, suffix, "channel / 16", " + channel % 16");
                }
            }
        }
    }

    private void WriteTile(CSharpWriter writer, string suffix, string plane, string channel)
    {
        string Place(string pointer, BufferPlan buffer) =>
            Invariant(
                $"{pointer} + {plane} * {buffer.PlaneStride}{KernelText.ImageTerm(plan.Batch, buffer.BatchStride)} + row * "
                    + $"{OutputSize * buffer.RowPitch} + column * {OutputSize * 16}{channel}"
            );
        writer.Line($"float* target = {(plan.Pool is null ? Place("output", _output) : WinogradPoolWriter.Target(plan, plane, channel))};");
        var residual = "";
        if (_residual is not null)
        {
            writer.Line($"float* addend = {Place("residual", _residual)};");
            residual = Invariant($", addend, {_residual.RowPitch}");
        }

        var whole = Invariant(
            $"{WinogradOutputWriter.MethodOf(plan.Transform, suffix)}(sums, {plan.ProductStride}, start, target, {(plan.Pool is null ? _output.RowPitch : plan.KeptRowPitch)}{residual});"
        );
        if (!WinogradParts.NeedsEdges(plan))
        {
            writer.Line(whole);
            return;
        }

        writer.Line($"int rows = System::Math.Min({OutputSize}, {_output.Height} - row * {OutputSize});");
        writer.Line($"int columns = System::Math.Min({OutputSize}, {_output.Width} - column * {OutputSize});");
        using (writer.Block($"if (rows == {OutputSize} && columns == {OutputSize})"))
            writer.Line(whole);
        using (writer.Block("else"))
        {
            var plain = parts.Suffix(WinogradParts.EpilogueOf(plan, set).Plain, set);
            writer.Line(
                $"{WinogradOutputWriter.MethodOf(plan.Transform, plain)}(sums, {plan.ProductStride}, start, scratch + {plan.EdgeOffset}, "
                    + $"{OutputSize * 16});"
            );
            writer.Line(
                $"{WinogradOutputWriter.EdgeMethodOf(plan.Transform, suffix)}(scratch + {plan.EdgeOffset}, target, "
                    + $"{_output.RowPitch}{residual}, rows, columns);"
            );
        }
    }

    /// <summary>Image (where there are several), row and column of a tile.</summary>
    private void WriteTilePlace(CSharpWriter writer)
    {
        if (plan.Pool is not null)
        {
            // All tiles of a block lie in the row of the loop around it.
            writer.Line("int column = firstColumn + index;");
            return;
        }

        var tilesPerImage = plan.TileRows * plan.TileColumns;
        writer.Line("int tile = firstTile + index;");
        if (plan.Batch > 1)
        {
            writer.Line($"int image = tile / {tilesPerImage};");
            writer.Line($"tile -= image * {tilesPerImage};");
        }

        writer.Line($"int row = tile / {plan.TileColumns};");
        writer.Line($"int column = tile - row * {plan.TileColumns};");
    }

    /// <summary>Whoever computes the first tile of a row of tiles zeroes the halo beside these rows.</summary>
    private void WriteHalo(CSharpWriter writer)
    {
        if (plan.HaloToClear is null)
            return;
        writer.Line();
        writer.Line(
            "// The convolutions that read this expect zeros around it"
                + (plan.Pool is null ? "; the halo of a row of tiles belongs to its first tile." : ".")
        );
        string FirstRow(string tile)
        {
            if (plan.Pool is not null)
                return WinogradPoolWriter.FirstRow(plan, tile);
            var tileRow = Invariant($"({tile} + {plan.TileColumns - 1}) / {plan.TileColumns}");
            return plan.Batch == 1
                ? Invariant($"System::Math.Min({_output.Height}, {tileRow} * {OutputSize})")
                : Invariant(
                    $"{tileRow} / {plan.TileRows} * {_output.Height} + System::Math.Min({_output.Height}, {tileRow} % {plan.TileRows} * "
                        + $"{OutputSize})"
                );
        }

        writer.Line($"int haloFrom = {FirstRow("range.TileFrom")};");
        writer.Line($"int haloTo = {FirstRow("range.TileTo")};");
        var planes =
            _blockLength % 16 == 0
                ? (From: KernelText.Scaled("range.GroupFrom", _blockLength / 16), To: KernelText.Scaled("range.GroupTo", _blockLength / 16))
                : (
                    From: Invariant($"(range.GroupFrom * {_blockLength} + 15) / 16"),
                    To: Invariant($"System::Math.Min((range.GroupTo * {_blockLength} + 15) / 16, {_output.ChannelBlocks})")
                );
        writer.Line($"{HaloFile.MethodOf(_output)}(output, {planes.From}, {planes.To}, haloFrom, haloTo);");
    }

    private string Describe()
    {
        var pattern = plan.Pattern;
        var window = plan.Convolution.Window;
        var shape = Invariant(
            $"{_input.Shape.Channels} to {_output.Shape.Channels} channels, {plan.Convolved.Height} x {plan.Convolved.Width} pixels, kernel "
                + $"{window.Kernel.Height} x {window.Kernel.Width}, "
                + $"F({OutputSize}x{OutputSize},{plan.Transform.KernelSize}x{plan.Transform.KernelSize})"
                + $"{(plan.IsPhased ? " over even and odd rows and columns" : "")}"
                + $"{(plan.Pool is null ? "" : $"; pooled 3 x 3 to {_output.Height} x {_output.Width}")}."
        );
        if (!plan.IsSparse)
            return shape;
        return shape
            + (
                pattern.IsUniform
                    ? Invariant(
                        $" Each group of {_blockLength} output channels keeps {pattern.Kept(0).Count} of {pattern.InputChannels} input "
                            + $"channels."
                    )
                    : Invariant(
                        $" The groups of {_blockLength} output channels keep {pattern.KeptBlocks} of "
                            + $"{pattern.Groups * pattern.InputChannels} blocks, unevenly."
                    )
            );
    }
}
