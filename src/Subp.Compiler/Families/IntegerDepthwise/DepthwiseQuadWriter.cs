using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>
/// Writes a depthwise integer convolution for AVX2 and AVX-512: 32 channels of a few pixels along a row at a time. Bytes of rows one below
/// the other are put side by side, four of a channel in a lane, which vectors of 256 bits do in two steps; the packs that turn sums into
/// bytes bring the channels back into their order. Rows outside of the image are a row of the byte for 0, and tiles at its sides know
/// which of their columns are outside.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
internal sealed class DepthwiseQuadWriter(IntegerDepthwisePlan plan, InstructionSet set)
{
    // Sums of two pixels, quads of a column and what these are made of fill sixteen registers.
    private const int MostPixels = 2;
    private const int Parts = ChannelBlocks.Parts;

    private readonly ByteVectors _vectors = ByteVectors.Short;
    private readonly ChannelBlocks _blocks = plan.Blocks;
    private readonly int _pixels = Math.Min(MostPixels, plan.OutputShape.Width);

    private int Step => plan.Window.Stride.Width;

    /// <summary>Writes the methods.</summary>
    public void Write(CSharpWriter writer)
    {
        var tiles = Tiles();
        WriteLayer(writer, tiles);
        foreach (var sides in tiles.Select(tile => tile.Sides).Distinct())
            WriteTile(writer, sides);
    }

    private string Name((int Left, int Right) sides) =>
        $"{plan.MethodStem}_Tile"
        + (sides.Left > 0 ? Invariant($"Left{sides.Left}") : "")
        + (sides.Right > 0 ? Invariant($"Right{sides.Right}") : "");

    // The columns of the image that a tile reads, from its first on.
    private int Columns => ((_pixels - 1) * Step) + ((plan.Window.Kernel.Width - 1) * plan.Window.Dilation.Width) + 1;

    // The first pixels of all tiles, and how many of their columns are outside of the image; the last tile moves left to the end.
    private List<(int Pixel, (int Left, int Right) Sides)> Tiles()
    {
        var tiles = new List<(int, (int, int))>();
        for (var pixel = 0; pixel < plan.OutputShape.Width; pixel += _pixels)
        {
            var place = Math.Min(pixel, plan.OutputShape.Width - _pixels);
            var first = (place * Step) - plan.Window.Padding.Left;
            var left = Math.Min(Columns, Math.Max(0, -first));
            tiles.Add((place, (left, Math.Min(Columns - left, Math.Max(0, first + Columns - plan.InputShape.Width)))));
        }

        return tiles;
    }

    private void WriteLayer(CSharpWriter writer, List<(int Pixel, (int Left, int Right) Sides)> tiles)
    {
        var (window, input, output, pitch) = (plan.Window, plan.InputShape, plan.OutputShape, plan.Pitch);
        using (FamilyText.Method(writer, plan, set, KernelText.Extent(plan.Node.Shape), plan.Pointers))
        {
            writer.Line($"byte** rows = stackalloc byte*[{window.Kernel.Height}];");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                KernelText.SplitTile(writer, output.Batch, output.Height, 1, hasRows: true);
                writer.Line($"byte* source = (byte*)input{KernelText.ImageTerm(output.Batch, input.Height * input.Width * pitch)};");
                WriteRows(writer);
                if (_blocks.Count == 1)
                {
                    WriteBlock(writer, tiles, "0", "");
                }
                else
                {
                    using (writer.Block($"for (int block = 0; block < {_blocks.Count}; block++)"))
                        WriteBlock(writer, tiles, _blocks.FirstChannel("block"), Invariant($" + block * {_blocks.BlockBytes}"));
                }
            }
        }

        writer.Line();
    }

    private void WriteBlock(CSharpWriter writer, List<(int Pixel, (int Left, int Right) Sides)> tiles, string channel, string weights)
    {
        writer.Line($"int channel = {channel};");
        writer.Line("int* sums = (int*)constants + channel;");
        writer.Line($"sbyte* weights = (sbyte*)constants + {2 * sizeof(int) * _blocks.SumPitch}{weights};");
        writer.Line($"byte* target = (byte*)output + tile * {plan.OutputShape.Width * plan.Pitch} + channel;");
        WriteCalls(writer, tiles);
    }

    private void WriteRows(CSharpWriter writer)
    {
        var (window, rowBytes) = (plan.Window, plan.InputShape.Width * plan.Pitch);
        if (plan.HasOutsideRow)
        {
            writer.Line("// A row outside of the image.").Line("byte* outside = (byte*)scratch;");
            writer.Line($"if (row < {plan.InnerRows.From} || row >= {plan.InnerRows.To})");
            using (writer.Indented())
                writer.Line($"new System::Span<byte>(outside, {rowBytes}).Fill({plan.InputZero});");
        }

        using (writer.Block($"for (int i = 0; i < {window.Kernel.Height}; i++)"))
        {
            writer.Line($"int y = row * {window.Stride.Height} - {window.Padding.Top} + i * {window.Dilation.Height};");
            writer.Line(
                plan.HasOutsideRow
                    ? $"rows[i] = (uint)y < {plan.InputShape.Height} ? source + y * {rowBytes} : outside;"
                    : $"rows[i] = source + y * {rowBytes};"
            );
        }
    }

    // Neighbouring tiles of the same kind are a loop.
    private void WriteCalls(CSharpWriter writer, List<(int Pixel, (int Left, int Right) Sides)> tiles)
    {
        var first = 0;
        while (first < tiles.Count)
        {
            var next = first + 1;
            while (
                next < tiles.Count
                && tiles[next].Sides == tiles[first].Sides
                && tiles[next].Pixel - tiles[first].Pixel == (next - first) * _pixels
            )
                next++;
            var (pixel, sides) = tiles[first];
            if (next == first + 1)
            {
                var at = ((pixel * Step) - plan.Window.Padding.Left) * plan.Pitch;
                writer.Line(
                    $"{Name(sides)}(rows, {KernelText.Offset("channel", at)}, sums, weights, {KernelText.Offset("target", pixel * plan.Pitch)});"
                );
            }
            else
            {
                writer.Line($"for (int column = {pixel}; column < {tiles[next - 1].Pixel + _pixels}; column += {_pixels})");
                using (writer.Indented())
                    writer.Line(
                        $"{Name(sides)}(rows, channel + (column * {Step} - {plan.Window.Padding.Left}) * {plan.Pitch}, sums, weights, "
                            + $"target + column * {plan.Pitch});"
                    );
            }

            first = next;
        }
    }

    private void WriteTile(CSharpWriter writer, (int Left, int Right) sides)
    {
        var rows = plan.Window.Kernel.Height;
        var (left, right) = sides;
        var outside =
            (left, right) == (0, 0)
                ? ""
                : Invariant($"; of its {Columns} columns {left} at the left and {right} at the right are outside of the image");
        using (
            KernelText.Method(
                writer,
                Invariant(
                    $"{plan.Node.Name}: {KernelText.Count(_pixels, "pixel")} of {Math.Min(plan.Pitch, ChannelBlocks.Channels)} channels{outside}."
                ),
                $"private static void {Name(sides)}(byte** rows, long at, int* sums, sbyte* weights, byte* target)"
            )
        )
        {
            for (var row = 0; row < rows; row++)
                writer.Line(Invariant($"byte* row{row} = rows[{row}] + at;"));
            for (var part = 0; part < Parts; part++)
            {
                writer.Line(Invariant($"{_vectors.Integers} s0_{part} = {Apart("sums", part)};"));
                for (var pixel = 1; pixel < _pixels; pixel++)
                    writer.Line(Invariant($"{_vectors.Integers} s{pixel}_{part} = s0_{part};"));
            }

            if ((left > 0 || right > 0) && plan.InputZero != 0)
                writer.Line($"Simd::Vector256<short> outside = Simd::Vector256.AsInt16(Simd::Vector256.Create((byte){plan.InputZero}));");
            for (var column = 0; column < Columns; column++)
                WriteColumn(writer, column, isInside: column >= left && column < Columns - right);
            WriteResults(writer);
        }

        writer.Line();
    }

    private static string Apart(string pointer, int part) => $"{DepthwiseQuadsFile.LoadApart}({KernelText.Offset(pointer, 4 * part)})";

    private void WriteColumn(CSharpWriter writer, int column, bool isInside)
    {
        var window = plan.Window;
        (int Pixel, int Tap)[] uses =
        [
            .. from pixel in Enumerable.Range(0, _pixels)
            let distance = column - (pixel * Step)
            where distance >= 0 && distance % window.Dilation.Width == 0 && distance / window.Dilation.Width < window.Kernel.Width
            select (pixel, distance / window.Dilation.Width),
        ];
        // What is outside adds nothing where its byte is 0.
        if (uses.Length == 0 || (!isInside && plan.InputZero == 0))
            return;
        for (var quadRow = 0; quadRow < _blocks.QuadRows; quadRow++)
        {
            if (isInside)
                WriteQuads(writer, column, quadRow);
            for (var part = 0; part < Parts; part++)
            {
                foreach (var (pixel, tap) in uses)
                {
                    var place = KernelText.Offset("weights", _blocks.Place(tap, quadRow) + (part * ChannelBlocks.PartBytes));
                    var quads = isInside ? Quads(column, quadRow, part) : "outside";
                    writer.Line(Invariant($"s{pixel}_{part} = {DepthwiseQuadsFile.AddQuads}(s{pixel}_{part}, {quads}, {place});"));
                }
            }
        }
    }

    private static string Quads(int column, int quadRow, int part) => Invariant($"q{column}_{quadRow}_{part}");

    // Bytes of two rows side by side, then pairs of these; of a row that the kernel does not have, zeros.
    private void WriteQuads(CSharpWriter writer, int column, int quadRow)
    {
        var last = Math.Min(4, plan.Window.Kernel.Height - (4 * quadRow));
        string Row(int row) =>
            row < last
                ? $"*(Simd::Vector256<byte>*)({KernelText.Offset(Invariant($"row{(4 * quadRow) + row}"), (long)column * plan.Pitch)})"
                : "Simd::Vector256<byte>.Zero";
        string Pair(int first, string unpack) =>
            first >= last
                ? "Simd::Vector256<short>.Zero"
                : $"Simd::Vector256.AsInt16(X86::Avx2.{unpack}({Name("x", first)}, {Name("x", first + 1)}))";
        string Name(string letter, int index) => Invariant($"{letter}{column}_{quadRow}_{index}");

        writer.Line(Invariant($"// Column {column}, rows {4 * quadRow} to {(4 * quadRow) + last - 1}: a quad for each channel."));
        for (var row = 0; row < (last > 2 ? 4 : 2); row++)
            writer.Line($"Simd::Vector256<byte> {Name("x", row)} = {Row(row)};");
        foreach (var (half, unpack) in new[] { (0, "UnpackLow"), (1, "UnpackHigh") })
        {
            writer.Line($"Simd::Vector256<short> {Name("upper", half)} = {Pair(0, unpack)};");
            writer.Line($"Simd::Vector256<short> {Name("lower", half)} = {Pair(2, unpack)};");
        }

        for (var part = 0; part < Parts; part++)
            writer.Line(
                $"Simd::Vector256<short> {Quads(column, quadRow, part)} = X86::Avx2.{(part % 2 == 0 ? "UnpackLow" : "UnpackHigh")}("
                    + $"{Name("upper", part / 2)}, {Name("lower", part / 2)});"
            );
    }

    private void WriteResults(CSharpWriter writer)
    {
        writer.Line("// Sums become steps of the result, and these bytes, in the order of the channels.");
        plan.Placement.WriteMost(writer, _vectors);
        writer.Line("Simd::Vector256<byte> bytes;");
        for (var part = 0; part < Parts; part++)
        {
            writer.Line(Invariant($"{_vectors.Integers} bytes{part};"));
            writer.Line(
                Invariant(
                    $"{_vectors.Floats} f{part} = Simd::Vector256.AsSingle({Apart(KernelText.Offset("sums", _blocks.SumPitch), part)});"
                )
            );
        }

        for (var pixel = 0; pixel < _pixels; pixel++)
        {
            for (var part = 0; part < Parts; part++)
                plan.Placement.WriteUnbounded(
                    writer,
                    _vectors,
                    _vectors.Multiply(_vectors.ToFloats(Invariant($"s{pixel}_{part}")), Invariant($"f{part}")),
                    Invariant($"bytes{part}")
                );
            writer.Line(
                "bytes = X86::Avx2.PackUnsignedSaturate("
                    + "X86::Avx2.PackSignedSaturate(bytes0, bytes1), X86::Avx2.PackSignedSaturate(bytes2, bytes3));"
            );
            if (plan.Placement.Low > 0)
                writer.Line($"bytes = {_vectors.MaxBytes("bytes", "least")};");
            var place = KernelText.Offset("target", pixel * plan.Pitch);
            writer.Line(
                plan.Pitch < ChannelBlocks.Channels
                    ? $"*(Simd::Vector128<byte>*)({place}) = Simd::Vector256.GetLower(bytes);"
                    : $"*(Simd::Vector256<byte>*)({place}) = bytes;"
            );
        }
    }
}
