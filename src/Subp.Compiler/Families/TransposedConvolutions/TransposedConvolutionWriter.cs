using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Writes transposed convolutions. A cell is as many neighbouring output pixels of a row as the stride; the pixels at one place in their cells
/// form a phase. A vector of one phase reads neighbouring pixels of the input, and the sums of eight output channels stay in registers over all
/// taps and input channels. The last vector of a row begins where it is full, over cells of the one before, whose sums it repeats.
/// </summary>
internal sealed class TransposedConvolutionWriter
{
    private const int Channels = TransposedConvolutionPlan.ChannelTile;

    private readonly CSharpWriter _writer;
    private readonly TransposedConvolutionPlan _plan;
    private readonly InstructionSet _set;
    private readonly VectorDialect _vectors;
    private readonly TransposedPixels _pixels;

    private TransposedConvolutionWriter(CSharpWriter writer, TransposedConvolutionPlan plan, InstructionSet set)
    {
        (_writer, _plan, _set) = (writer, plan, set);
        _vectors = VectorDialect.Longest(set);
        _pixels = new TransposedPixels(writer, plan, _vectors);
    }

    /// <summary>The phases that are put together before they are stored; of more, each is stored by itself.</summary>
    private int Phases => TransposedPixels.PhasesOf(_plan);

    private int Stride => _plan.Convolution.Window.Stride.Width;

    private int Cells => ((_plan.Node.Shape.Width - 1) / Stride) + 1;

    private int VectorCount => ((Cells - 1) / _vectors.Lanes) + 1;

    // AVX-512 has the registers for the sums of two vectors, which share the weights that are read.
    private int SideBySide => _set == InstructionSet.Avx512 && VectorCount > 1 ? 2 : 1;

    /// <summary>Writes the methods for one instruction set.</summary>
    public static void Write(CSharpWriter writer, TransposedConvolutionPlan plan, InstructionSet set) =>
        new TransposedConvolutionWriter(writer, plan, set).Write();

    private void Write()
    {
        var (input, output) = (_plan.Input, _plan.Node.Shape);
        using (
            FamilyText.Method(
                _writer,
                _plan,
                _set,
                Invariant($"{KernelText.Extent(output)} from {KernelText.Extent(input)}"),
                ["input", "weights", "bias", "output"]
            )
        )
        {
            _writer.Line("// A task is a row of eight output channels; pixels that are a stride apart are computed together.");
            var sums = ((SideBySide * Channels * Phases) + 1) * _vectors.Lanes;
            _writer.Line($"float* sums = stackalloc float[{sums}];");
            using (_writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                _writer.Line($"int row = tile % {output.Height};");
                _writer.Line($"int channels = tile / {output.Height} % {_plan.ChannelTiles};");
                _writer.Line($"int image = tile / {output.Height * _plan.ChannelTiles};");
                _writer.Line($"int group = channels / {_plan.TilesPerGroup};");
                _writer.Line($"int first = (channels - group * {_plan.TilesPerGroup}) * {Channels};");
                _writer.Line($"int count = System::Math.Min({Channels}, {_plan.PerGroup.Outputs} - first);");
                _writer.Line(
                    $"float* source = input + (image * {input.Channels} + group * {_plan.PerGroup.Inputs}) * {input.Height * input.Width};"
                );
                _writer.Line($"float* kernel = weights + channels * {Channels * _plan.Taps * _plan.PerGroup.Inputs};");
                _writer.Line($"float* biases = bias + group * {_plan.PerGroup.Outputs} + first;");
                _writer.Line(
                    $"float* target = output + (image * {output.Channels} + group * {_plan.PerGroup.Outputs} + first) * "
                        + $"{output.Height * output.Width} + row * {output.Width};"
                );
                WriteRow();
            }
        }

        _writer.Line();
        if (SideBySide > 1)
            _pixels.Write(SideBySide);
        if (SideBySide == 1 || VectorCount % SideBySide == 1)
            _pixels.Write(1);
        new TransposedStores(_writer, _plan, _vectors).Write();
    }

    private void WriteRow()
    {
        var together = VectorCount / SideBySide * SideBySide;
        if (together == SideBySide)
            WriteVectors("0", SideBySide);
        else
        {
            using (_writer.Block($"for (int vector = 0; vector < {together}; vector += {SideBySide})"))
                WriteVectors("vector", SideBySide);
        }

        if (together < VectorCount)
            WriteVectors(Invariant($"{together}"), 1);
    }

    // The sums of some vectors in all phases, or one phase after the other, and their stores.
    private void WriteVectors(string vector, int count)
    {
        using (_writer.Block())
        {
            string[] cells = [.. Enumerable.Range(0, count).Select(index => Invariant($"cell{index}"))];
            for (var index = 0; index < count; index++)
                _writer.Line($"int {cells[index]} = {FirstCell(vector, index)};");
            using (_writer.Block($"for (int phase = 0; phase < {Stride}; phase++)"))
            {
                var target = Phases == 1 ? "sums" : $"sums + phase * {_vectors.Lanes}";
                _writer.Line($"{_pixels.NameOf(count)}(source, kernel, {target}, row, phase, {string.Join(", ", cells)});");
                if (Phases < Stride)
                    WriteStores(cells, "phase");
            }

            if (Phases == Stride)
                WriteStores(cells, null);
        }
    }

    private void WriteStores(string[] cells, string? phase)
    {
        for (var index = 0; index < cells.Length; index++)
        {
            var column = KernelText.Scaled(cells[index], Stride) + (phase is null ? "" : " + " + phase);
            var sums = KernelText.Offset("sums", (long)index * Channels * Phases * _vectors.Lanes);
            _writer.Line($"{TransposedStores.NameOf(_plan)}({sums}, biases, target, {column}, count);");
        }
    }

    private string FirstCell(string vector, int index)
    {
        var last = Math.Max(0, Cells - _vectors.Lanes);
        if (int.TryParse(vector, out var number))
            return Invariant($"{Math.Min(last, (number + index) * _vectors.Lanes)}");
        var first = index == 0 ? vector : Invariant($"({vector} + {index})");
        return Invariant($"System::Math.Min({last}, {first} * {_vectors.Lanes})");
    }
}
