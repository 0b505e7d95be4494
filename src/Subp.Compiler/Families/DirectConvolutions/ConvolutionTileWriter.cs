using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.DirectConvolutions;

/// <summary>
/// Writes the code of one register tile of a convolution: sums in registers, the multiply-adds of one kept block, and the epilogue.
/// Sums are named <c>sum{pixel}</c> (and <c>sum{pixel}High</c> for the second vector), pixels row by row.
/// </summary>
internal sealed class ConvolutionTileWriter(ConvolutionPlan plan, ConvolutionKernel kernel, int rows)
{
    private readonly VectorDialect _vectors = VectorDialect.Of(kernel.Set, kernel.Unit.Lanes);
    private readonly ConvolutionTile _tile = kernel.Tile;
    private readonly int _blockLength = plan.Pattern.BlockLength;
    private readonly BufferPlan _input = plan.Inputs[0]!;
    private readonly BufferPlan _output = plan.Output!;

    /// <summary>The hardware fetches ahead within a page of 4 KB and starts again at each; two pages ahead is beyond that.</summary>
    private const int AheadFloats = 2048;

    private const int CacheLineFloats = 16;

    private bool FetchesAhead => plan.StreamsWeights && plan.Form != ConvolutionForm.StraightLine && kernel.Set != InstructionSet.Portable;

    private int KernelHeight => plan.Convolution.Window.Kernel.Height;

    private int KernelWidth => plan.Convolution.Window.Kernel.Width;

    private int TapRowDistance => plan.Convolution.Window.Dilation.Height * _input.RowPitch;

    private int TapColumnDistance => plan.Convolution.Window.Dilation.Width * _input.PixelStride;

    private int RowDistance => plan.Convolution.Window.Stride.Height * _input.RowPitch;

    private int ColumnDistance => plan.Convolution.Window.Stride.Width * _input.PixelStride;

    /// <summary>Floats of weights of one kept block.</summary>
    public int BlockWeights => KernelHeight * KernelWidth * _blockLength;

    /// <summary>
    /// True where different taps of a tile read the same pixel through different addresses. With constant distances the JIT would see that,
    /// keep the loaded pixel for the later tap and spill it; so these kernels take the distances as arguments, which it cannot compare.
    /// </summary>
    public static bool NeedsSteps(ConvolutionPlan plan, ConvolutionKernel kernel, int rows) =>
        (rows > 1 && plan.Convolution.Window.Kernel.Height > 1 && kernel.UnrolledRows > 1)
        || (!kernel.Tile.HoldsPixels && plan.Convolution.Window.Kernel.Width > 1 && kernel.UnrolledColumns > 1);

    /// <summary>One comment line with the roles of the registers.</summary>
    public void WriteRegisterRoles(CSharpWriter writer)
    {
        var sums = rows * _tile.Columns * _tile.Vectors;
        var pixels = _tile.HoldsPixels
            ? Invariant($"{_tile.HeldPixels(plan.Convolution.Window)} pixels of one input row")
            : "1 pixel at a time";
        var weights = _tile.HoldsPixels && rows > 1 ? "weights of one kernel row" : "weights of one tap";
        writer.Line(
            $"// Registers: {KernelText.Count(sums, "sum")} ({rows} x {_tile.Columns} pixels x "
                + $"{KernelText.Count(_tile.Vectors, "vector")} of {_vectors.Lanes} output channels), {pixels}, {weights}."
        );
    }

    /// <summary>Declares the sums, starting from the bias or from partial sums in the output.</summary>
    public void WriteStart(CSharpWriter writer, bool fromBias)
    {
        for (var vector = 0; vector < _tile.Vectors && fromBias; vector++)
            writer.Line($"{_vectors.Type} start{Suffix(vector)} = {_vectors.Load(KernelText.Offset("bias", vector * _vectors.Lanes))};");
        foreach (var (row, column, vector) in Sums())
        {
            var start = fromBias ? "start" + Suffix(vector) : _vectors.Load(OutputAddress("output", _output, row, column, vector));
            writer.Line($"{_vectors.Type} {Sum(row, column, vector)} = {start};");
        }
    }

    /// <summary>Declares totals in memory, which start as the sums do.</summary>
    public void WriteTotals(CSharpWriter writer)
    {
        writer.Line(
            "// A long sum rounds more than the sum of short ones, so some blocks at a time are summed and added to totals in memory."
        );
        writer.Line($"float* totals = stackalloc float[{Sums().Count() * _vectors.Lanes}];");
        foreach (var (sum, total) in Totals())
            writer.Line(_vectors.Store(total, sum));
        writer.Line();
    }

    /// <summary>Begins the sums of the next blocks.</summary>
    public void WriteZeros(CSharpWriter writer)
    {
        foreach (var (sum, _) in Totals())
            writer.Line($"{sum} = {_vectors.Zero};");
    }

    /// <summary>Adds the sums to the totals.</summary>
    public void WriteAddToTotals(CSharpWriter writer)
    {
        foreach (var (sum, total) in Totals())
            writer.Line(_vectors.Store(total, _vectors.Add(_vectors.Load(total), sum)));
    }

    /// <summary>Takes the totals for the sums.</summary>
    public void WriteFromTotals(CSharpWriter writer)
    {
        foreach (var (sum, total) in Totals())
            writer.Line($"{sum} = {_vectors.Load(total)};");
    }

    private IEnumerable<(string Sum, string Total)> Totals() =>
        Sums().Select((sum, index) => (Sum(sum.Row, sum.Column, sum.Vector), KernelText.Offset("totals", index * _vectors.Lanes)));

    /// <summary>
    /// Adds the residual, applies the activation and stores the sums; or only stores them where more blocks follow in another method.
    /// </summary>
    public void WriteEnd(CSharpWriter writer, bool final)
    {
        var residual = plan.Inputs.Count > 1 ? plan.Inputs[1] : null;
        if (plan.IsFlat(kernel) && final)
        {
            WriteFlatPlaces(writer, "output", _output);
            if (residual is not null)
                WriteFlatPlaces(writer, "residual", residual);
        }

        foreach (var (row, column, vector) in Sums())
        {
            var value = Sum(row, column, vector);
            if (final && residual is not null)
            {
                var sum = _vectors.Add(value, _vectors.Load(OutputAddress("residual", residual, row, column, vector)));
                if (ActivationText.NeedsLocal(plan.Activation))
                    writer.Line($"{value} = {sum};");
                else
                    value = sum;
            }

            if (final)
                value = ActivationText.Apply(_vectors, plan.Activation, value);
            writer.Line(_vectors.Store(OutputAddress("output", _output, row, column, vector), value));
        }

        for (var row = 0; row < rows && final; row++)
        {
            for (var vector = 0; vector < _tile.Vectors; vector++)
                ActivationText.WriteFunction(
                    writer,
                    _vectors,
                    plan.Activation,
                    OutputAddress("output", _output, row, 0, vector),
                    _tile.Columns,
                    _output.PixelStride
                );
        }
    }

    /// <summary>
    /// The multiply-adds of one kept block. <c>pixel</c> points at the block's channel of the tile's first input pixel; weights are read at
    /// a constant distance from <c>weights</c>. Loops that the kernel does not unroll advance both.
    /// </summary>
    public void WriteBlock(CSharpWriter writer, int weightsOffset)
    {
        if (kernel.UnrolledRows == 1 && KernelHeight > 1)
        {
            using (writer.Block($"for (int kernelRow = 0; kernelRow < {KernelHeight}; kernelRow++, pixel += {TapRowDistance})"))
                WriteKernelRow(writer, 0, weightsOffset, advance: true);
            return;
        }

        for (var kernelRow = 0; kernelRow < KernelHeight; kernelRow++)
            WriteKernelRow(
                writer,
                kernelRow,
                weightsOffset + (kernelRow * KernelWidth * _blockLength),
                advance: kernel.UnrolledColumns == 1 && KernelWidth > 1
            );
        if (plan.Form != ConvolutionForm.StraightLine && !(kernel.UnrolledColumns == 1 && KernelWidth > 1))
            writer.Line($"weights += {BlockWeights};");
    }

    private void WriteKernelRow(CSharpWriter writer, int kernelRow, int weightsOffset, bool advance)
    {
        if (kernel.UnrolledColumns == 1 && KernelWidth > 1)
        {
            writer.Line("float* tap = pixel;");
            using (
                writer.Block(
                    $"for (int kernelColumn = 0; kernelColumn < {KernelWidth}; kernelColumn++, tap += {TapColumnDistance}, weights += "
                        + $"{_blockLength})"
                )
            )
                WriteTap(writer, "tap", 0, 0);
            return;
        }

        if (_tile.HoldsPixels)
        {
            WriteHeldRow(writer, kernelRow, weightsOffset);
        }
        else
        {
            var opaque = NeedsSteps(plan, kernel, rows);
            for (var kernelColumn = 0; kernelColumn < KernelWidth; kernelColumn++)
            {
                var tapWeights = weightsOffset + (kernelColumn * _blockLength);
                if (!opaque)
                {
                    WriteTapScope(writer, "pixel", (kernelRow * TapRowDistance) + (kernelColumn * TapColumnDistance), tapWeights, null);
                    continue;
                }

                WriteTapScope(
                    writer,
                    "tap",
                    0,
                    tapWeights,
                    "float* tap = pixel" + Step(kernelRow, "rowStep") + Step(kernelColumn, "columnStep") + ";"
                );
            }
        }

        if (advance)
            writer.Line($"weights += {KernelWidth * _blockLength};");
    }

    /// <summary>One kernel row at stride 1: its pixels are loaded once and used by all its taps.</summary>
    private void WriteHeldRow(CSharpWriter writer, int kernelRow, int weightsOffset)
    {
        var held = _tile.HeldPixels(plan.Convolution.Window);
        var dilation = plan.Convolution.Window.Dilation.Width;
        var keepWeights = rows > 1;
        var opaque = rows > 1 && KernelHeight > 1 && kernel.UnrolledRows > 1;
        using (writer.Block())
        {
            if (keepWeights)
            {
                for (var kernelColumn = 0; kernelColumn < KernelWidth; kernelColumn++)
                    WriteWeights(writer, weightsOffset + (kernelColumn * _blockLength), Invariant($"{kernelColumn}"));
            }

            if (opaque)
                writer.Line("float* kernelRow = pixel" + Step(kernelRow, "rowStep") + ";");
            var basePointer = opaque ? "kernelRow" : "pixel";
            var baseOffset = opaque ? 0 : kernelRow * TapRowDistance;
            for (var row = 0; row < rows; row++)
            {
                var declaration = row == 0 ? _vectors.Type + " " : "";
                for (var index = 0; index < held; index++)
                {
                    var address = KernelText.Offset(basePointer, baseOffset + (row * RowDistance) + ((long)index * _input.PixelStride));
                    writer.Line($"{declaration}pixel{index} = {_vectors.Broadcast(address)};");
                }

                for (var kernelColumn = 0; kernelColumn < KernelWidth; kernelColumn++)
                {
                    var name = Invariant($"{kernelColumn}");
                    if (!keepWeights)
                        WriteWeights(writer, weightsOffset + (kernelColumn * _blockLength), name);
                    for (var column = 0; column < _tile.Columns; column++)
                    {
                        for (var vector = 0; vector < _tile.Vectors; vector++)
                        {
                            var sum = Sum(row, column, vector);
                            writer.Line(
                                $"{sum} = {_vectors.MultiplyAdd(Invariant($"pixel{column + (kernelColumn * dilation)}"), $"weight{name}{Suffix(vector)}", sum)};"
                            );
                        }
                    }
                }
            }
        }
    }

    private void WriteTapScope(CSharpWriter writer, string pointer, long offset, int weightsOffset, string? first)
    {
        // The block around a single tap is that of the kept block.
        if (KernelHeight * KernelWidth == 1)
        {
            WriteTap(writer, pointer, offset, weightsOffset);
            return;
        }

        using (writer.Block())
        {
            if (first is not null)
                writer.Line(first);
            WriteTap(writer, pointer, offset, weightsOffset);
        }
    }

    /// <summary>One tap: its weights, then every pixel of the tile from memory.</summary>
    private void WriteTap(CSharpWriter writer, string pointer, long offset, int weightsOffset)
    {
        WriteWeights(writer, weightsOffset, "");
        var declared = false;
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < _tile.Columns; column++)
            {
                var pixel = _vectors.Broadcast(
                    KernelText.Offset(pointer, offset + ((long)row * RowDistance) + ((long)column * ColumnDistance))
                );
                if (_tile.Vectors > 1)
                {
                    writer.Line($"{(declared ? "" : _vectors.Type + " ")}value = {pixel};");
                    (pixel, declared) = ("value", true);
                }

                for (var vector = 0; vector < _tile.Vectors; vector++)
                {
                    var sum = Sum(row, column, vector);
                    writer.Line($"{sum} = {_vectors.MultiplyAdd(pixel, "weight" + Suffix(vector), sum)};");
                }
            }
        }
    }

    private void WriteWeights(CSharpWriter writer, int offset, string name)
    {
        for (var vector = 0; vector < _tile.Vectors; vector++)
        {
            var start = offset + (vector * _vectors.Lanes);
            writer.Line($"{_vectors.Type} weight{name}{Suffix(vector)} = {_vectors.Load(KernelText.Offset("weights", start))};");
            if (FetchesAhead && start % CacheLineFloats == 0)
                writer.Line($"X86::Sse.Prefetch0(weights + {start + AheadFloats});");
        }
    }

    private IEnumerable<(int Row, int Column, int Vector)> Sums()
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < _tile.Columns; column++)
            {
                for (var vector = 0; vector < _tile.Vectors; vector++)
                    yield return (row, column, vector);
            }
        }
    }

    /// <summary>Where the pixels of a flat tile lie: those behind the end of the row begin at the next one.</summary>
    private void WriteFlatPlaces(CSharpWriter writer, string pointer, BufferPlan buffer)
    {
        var gap = Gap(buffer);
        if (gap == 0)
            return;
        writer.Line($"float* {pointer}Wrapped = {pointer} + {gap}; // Behind the end of the row, {gap} floats lie between the rows.");
        for (var column = 1; column < _tile.Columns; column++)
            writer.Line($"float* {pointer}{column} = {column} < rowEnd ? {pointer} : {pointer}Wrapped;");
    }

    private static int Gap(BufferPlan buffer) => buffer.RowPitch - (buffer.Width * buffer.PixelStride);

    /// <summary>Two vectors of 16 lanes lie in two channel blocks, shorter ones beside each other in one.</summary>
    private string OutputAddress(string pointer, BufferPlan buffer, int row, int column, int vector)
    {
        if (column > 0 && plan.IsFlat(kernel) && Gap(buffer) > 0)
            pointer += Invariant($"{column}");
        var pixelStride = buffer.Shape.IsImage ? buffer.PixelStride : 0;
        var vectorStride = _vectors.Lanes == 16 && buffer.Shape.IsImage ? buffer.PlaneStride : _vectors.Lanes;
        return KernelText.Offset(pointer, ((long)row * buffer.RowPitch) + ((long)column * pixelStride) + ((long)vector * vectorStride));
    }

    private string Sum(int row, int column, int vector) => Invariant($"sum{(row * _tile.Columns) + column}{Suffix(vector)}");

    private static string Suffix(int vector) => vector == 0 ? "" : "High";

    private static string Step(int count, string step) =>
        count switch
        {
            0 => "",
            1 => " + " + step,
            _ => Invariant($" + {count} * {step}"),
        };
}
