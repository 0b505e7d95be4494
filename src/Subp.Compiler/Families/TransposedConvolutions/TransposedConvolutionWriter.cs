using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Writes transposed convolutions. The rows of the input that a task reads are put together in scratch memory with zeros around them, once for
/// all tasks of the same rows that follow each other. Then a vector of pixels of one phase is a vector of the panel at each tap, and the sums of
/// several vectors and output channels stay in registers over all taps and input channels.
/// </summary>
internal sealed class TransposedConvolutionWriter
{
    private const int Channels = TransposedConvolutionPlan.ChannelTile;

    private readonly CSharpWriter _writer;
    private readonly TransposedConvolutionPlan _plan;
    private readonly InstructionSet _set;
    private readonly VectorDialect _vectors;

    private TransposedConvolutionWriter(CSharpWriter writer, TransposedConvolutionPlan plan, InstructionSet set)
    {
        (_writer, _plan, _set) = (writer, plan, set);
        _vectors = VectorDialect.Longest(set);
    }

    private int StrideOfRows => _plan.Convolution.Window.Stride.Height;

    private int StrideOfColumns => _plan.Convolution.Window.Stride.Width;

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
                ["input", "weights", "bias", "output", "scratch"]
            )
        )
        {
            _writer.Line(
                $"// A task is {KernelText.Count(_plan.CellRows, "row")} of cells, of {StrideOfRows} x {StrideOfColumns} pixels each, of eight "
                    + "output channels."
            );
            var (panelRows, pitch) = (_plan.CellRows + _plan.Cells.FurtherRows, _plan.Cells.Pitch);
            _writer.Line($"float* panel = scratch; // [{_plan.PerGroup.Inputs} channels][{panelRows} rows][{pitch} columns]");
            _writer.Line(
                $"float* sums = scratch + {_plan.SumsOffset}; // [{_plan.Phases} phases][{Channels} channels][{_plan.SumsLength} cells]"
            );
            _writer.Line("int held = -1;");
            using (_writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
                WriteTask();
        }

        _writer.Line();
        new TransposedPanel(_writer, _plan, _vectors).Write();
        new TransposedPixels(_writer, _plan, _vectors).Write();
        new TransposedStores(_writer, _plan, _vectors).Write();
    }

    private void WriteTask()
    {
        var (input, output, perImage) = (_plan.Input, _plan.Node.Shape, _plan.Stretches * _plan.ChannelTiles);
        _writer.Line($"int channels = tile % {_plan.ChannelTiles};");
        _writer.Line($"int top = tile / {_plan.ChannelTiles} % {_plan.Stretches} * {_plan.CellRows};");
        _writer.Line($"int rows = System::Math.Min({_plan.CellRows}, {_plan.Cells.Rows} - top);");
        _writer.Line($"int image = tile / {perImage};");
        _writer.Line($"int group = channels / {_plan.TilesPerGroup};");
        _writer.Line($"int first = (channels - group * {_plan.TilesPerGroup}) * {Channels};");
        _writer.Line($"int count = System::Math.Min({Channels}, {_plan.PerGroup.Outputs} - first);");
        using (_writer.Block($"if (tile / {_plan.TilesPerGroup} != held)"))
        {
            var source = $"input + (image * {input.Channels} + group * {_plan.PerGroup.Inputs}) * {input.Height * input.Width}";
            _writer.Line($"{TransposedPanel.NameOf(_plan)}({source}, panel, top, rows);");
            _writer.Line($"held = tile / {_plan.TilesPerGroup};");
        }

        _writer.Line($"float* kernel = weights + channels * {Channels * _plan.Taps * _plan.PerGroup.Inputs};");
        _writer.Line($"float* biases = bias + group * {_plan.PerGroup.Outputs} + first;");
        _writer.Line(
            $"float* target = output + (image * {output.Channels} + group * {_plan.PerGroup.Outputs} + first) * {output.Height * output.Width};"
        );
        using (_writer.Block($"for (int row = 0; row < {StrideOfRows}; row++)"))
        {
            using (_writer.Block($"for (int phase = 0; phase < {StrideOfColumns}; phase++)"))
            {
                var sums = _plan.IsWoven ? Invariant($"sums + phase * {Channels * _plan.SumsLength}") : "sums";
                _writer.Line($"{TransposedPixels.NameOf(_plan)}(panel, kernel, {sums}, row, phase, rows, count);");
                if (!_plan.IsWoven)
                    WriteStores("phase");
            }

            if (_plan.IsWoven)
                WriteStores("0");
        }
    }

    private void WriteStores(string column) =>
        _writer.Line($"{TransposedStores.NameOf(_plan)}(sums, biases, target, top * {StrideOfRows} + row, {column}, rows, count);");
}
