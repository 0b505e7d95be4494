using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>
/// Writes a depthwise integer convolution for instruction sets without integer products, for few channels and for large kernels: four
/// channels at a time along a row. Where windows lie inside of the image a few pixels are computed together and share what they read; at
/// the edges the byte for 0 stands for what is outside.
/// </summary>
/// <param name="plan">The layer.</param>
/// <param name="set">The instruction set.</param>
internal sealed class IntegerDepthwiseWriter(IntegerDepthwisePlan plan, InstructionSet set)
{
    /// <summary>Taps that are written out; larger kernels are walked by the loops for edges.</summary>
    private const int MostTaps = 25;

    private readonly ByteVectors _vectors = ByteVectors.Of(InstructionSet.Portable);
    private readonly ChannelBlocks _blocks = plan.Blocks;

    /// <summary>Writes the methods.</summary>
    public void Write(CSharpWriter writer)
    {
        var (inner, rows) = (plan.InnerColumns, plan.InnerRows);
        var isUnrolled = plan.Window.Kernel.Height * plan.Window.Kernel.Width <= MostTaps && inner.To > inner.From && rows.To > rows.From;
        var pixels = isUnrolled ? Math.Min(inner.To - inner.From, 2) : 0;
        WriteLayer(writer, isUnrolled, pixels);
        WriteEdge(writer);
        if (isUnrolled)
            WriteInner(writer, pixels);
    }

    private void WriteLayer(CSharpWriter writer, bool isUnrolled, int pixels)
    {
        var (input, output, pitch) = (plan.InputShape, plan.OutputShape, plan.Pitch);
        var (from, to) = plan.InnerColumns;
        using (FamilyText.Method(writer, plan, set, KernelText.Extent(plan.Node.Shape), plan.Pointers))
        using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
        {
            KernelText.SplitTile(writer, output.Batch, output.Height, 1, hasRows: true);
            writer.Line($"byte* source = (byte*)input{KernelText.ImageTerm(output.Batch, input.Height * input.Width * pitch)};");
            writer.Line($"byte* target = (byte*)output + tile * {output.Width * pitch};");
            using (writer.Block($"for (int channel = 0; channel < {pitch}; channel += {_vectors.Lanes})"))
            {
                WriteWeights(writer);
                void Edges(string begin, string end)
                {
                    writer.Line($"for (int column = {begin}; column < {end}; column++)");
                    using (writer.Indented())
                        writer.Line(
                            $"{plan.MethodStem}_Edge(source + channel, (int*)constants + channel, weights, "
                                + $"target + column * {pitch} + channel, row, column);"
                        );
                }

                if (!isUnrolled)
                {
                    Edges("0", Invariant($"{output.Width}"));
                    return;
                }

                if (plan.InnerRows is not (0, var last) || last != output.Height)
                {
                    using (writer.Block($"if (row < {plan.InnerRows.From} || row >= {plan.InnerRows.To})"))
                    {
                        Edges("0", Invariant($"{output.Width}"));
                        writer.Line("continue;");
                    }

                    writer.Line();
                }

                if (from > 0)
                    Edges("0", Invariant($"{from}"));
                if (to < output.Width)
                    Edges(Invariant($"{to}"), Invariant($"{output.Width}"));
                writer.Line(
                    $"byte* first = source + ((row * {plan.Window.Stride.Height} - {plan.Window.Padding.Top}) * {input.Width} - {plan.Window.Padding.Left}) * {pitch} + channel;"
                );
                using (writer.Block($"for (int column = {from}; column < {to}; column += {pixels})"))
                {
                    writer.Line($"int place = System::Math.Min(column, {to - pixels});");
                    writer.Line(
                        $"{plan.MethodStem}_Inner(first + place * {plan.Window.Stride.Width * pitch}, (int*)constants + channel, weights, "
                            + $"target + place * {pitch} + channel);"
                    );
                }
            }
        }

        writer.Line();
    }

    // Four weights of each of four channels lie side by side.
    private void WriteWeights(CSharpWriter writer)
    {
        writer.Line($"int block = channel / {ChannelBlocks.Channels};");
        writer.Line($"int within = channel - {_blocks.FirstChannel("block")};");
        writer.Line(
            $"sbyte* weights = (sbyte*)constants + {2 * sizeof(int) * _blocks.SumPitch} + block * {_blocks.BlockBytes} + within % 16 / 4 * {ChannelBlocks.PartBytes} + within / 16 * 16;"
        );
    }

    private void WriteEdge(CSharpWriter writer)
    {
        var (window, input) = (plan.Window, plan.InputShape);
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: a pixel whose window may leave the image."),
                $"private static void {plan.MethodStem}_Edge(byte* source, int* constants, sbyte* weights, byte* target, int row, int column)"
            )
        )
        {
            writer.Line($"{_vectors.Integers} sum = {_vectors.LoadIntegers("constants")};");
            writer.Line($"{_vectors.Integers} outside = {_vectors.Constant(plan.InputZero)};");
            using (writer.Block($"for (int i = 0; i < {window.Kernel.Height}; i++)"))
            {
                writer.Line($"int y = row * {window.Stride.Height} - {window.Padding.Top} + i * {window.Dilation.Height};");
                using (writer.Block($"for (int j = 0; j < {window.Kernel.Width}; j++)"))
                {
                    writer.Line($"int x = column * {window.Stride.Width} - {window.Padding.Left} + j * {window.Dilation.Width};");
                    writer.Line($"{_vectors.Integers} pixel = outside;");
                    writer.Line($"if ((uint)y < {input.Height} && (uint)x < {input.Width})");
                    using (writer.Indented())
                        writer.Line($"pixel = {_vectors.LoadBytes(Invariant($"source + (y * {input.Width} + x) * {plan.Pitch}"))};");
                    var quads = _blocks.QuadRows == 1 ? "j" : Invariant($"(j * {_blocks.QuadRows} + i / 4)");
                    writer.Line($"Simd::Vector128<int> quads = *(Simd::Vector128<int>*)(weights + {quads} * {ChannelBlocks.QuadBytes});");
                    writer.Line("Simd::Vector128<int> weight = Simd::Vector128.ShiftLeft(quads, 24 - i % 4 * 8);");
                    writer.Line("sum += pixel * Simd::Vector128.ShiftRightArithmetic(weight, 24);");
                }
            }

            WriteResults(writer, ["sum"]);
        }

        writer.Line();
    }

    private void WriteInner(CSharpWriter writer, int pixels)
    {
        var window = plan.Window;
        using (
            KernelText.Method(
                writer,
                Invariant($"{plan.Node.Name}: {KernelText.Count(pixels, "pixel")} inside of the image."),
                $"private static void {plan.MethodStem}_Inner(byte* source, int* constants, sbyte* weights, byte* target)"
            )
        )
        {
            for (var pixel = 0; pixel < pixels; pixel++)
                writer.Line($"{_vectors.Integers} s{pixel} = {_vectors.LoadIntegers("constants")};");
            for (var row = 0; row < window.Kernel.Height; row++)
            {
                for (var tap = 0; tap < window.Kernel.Width; tap++)
                {
                    var quads = _vectors.LoadIntegers(KernelText.Offset("weights", _blocks.Place(tap, row / 4)));
                    var first = row % 4 == 3 ? quads : Invariant($"Simd::Vector128.ShiftLeft({quads}, {24 - (row % 4 * 8)})");
                    writer.Line($"Simd::Vector128<int> w{row}_{tap} = Simd::Vector128.ShiftRightArithmetic({first}, 24);");
                }

                var columns = ((pixels - 1) * window.Stride.Width) + ((window.Kernel.Width - 1) * window.Dilation.Width) + 1;
                for (var column = 0; column < columns; column++)
                    WriteColumn(writer, pixels, row, column);
            }

            WriteResults(writer, [.. Enumerable.Range(0, pixels).Select(pixel => Invariant($"s{pixel}"))]);
        }

        writer.Line();
    }

    private void WriteColumn(CSharpWriter writer, int pixels, int row, int column)
    {
        var window = plan.Window;
        (int Pixel, int Tap)[] uses =
        [
            .. from pixel in Enumerable.Range(0, pixels)
            let distance = column - (pixel * window.Stride.Width)
            where distance >= 0 && distance % window.Dilation.Width == 0 && distance / window.Dilation.Width < window.Kernel.Width
            select (pixel, distance / window.Dilation.Width),
        ];
        if (uses.Length == 0)
            return;
        var at = ((row * window.Dilation.Height * plan.InputShape.Width) + column) * plan.Pitch;
        writer.Line($"{_vectors.Integers} x{row}_{column} = {_vectors.LoadBytes(KernelText.Offset("source", at))};");
        foreach (var (pixel, tap) in uses)
            writer.Line($"s{pixel} += x{row}_{column} * w{row}_{tap};");
    }

    private void WriteResults(CSharpWriter writer, IReadOnlyList<string> sums)
    {
        plan.Placement.WriteLocals(writer, _vectors);
        writer.Line($"{_vectors.Floats} factors = {_vectors.LoadFloats(KernelText.Offset("(float*)constants", _blocks.SumPitch))};");
        for (var pixel = 0; pixel < sums.Count; pixel++)
        {
            var steps = _vectors.Multiply(_vectors.ToFloats(sums[pixel]), "factors");
            plan.Placement.WriteStore(writer, _vectors, steps, KernelText.Offset("target", pixel * plan.Pitch));
        }
    }
}
