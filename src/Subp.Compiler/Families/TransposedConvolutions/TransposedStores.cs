using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Elementwise;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Writes the bias, the activation and the stores of the sums of a task. Few phases are woven into whole vectors of a row; of many, each is
/// stored pixel by pixel.
/// </summary>
internal sealed class TransposedStores(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
{
    private readonly Window _window = plan.Convolution.Window;
    private readonly int _phases = plan.Phases;
    private readonly int _width = plan.Node.Shape.Width;

    /// <summary>The method.</summary>
    public static string NameOf(TransposedConvolutionPlan plan) => plan.MethodStem + "_Store";

    /// <summary>Writes the method.</summary>
    public void Write()
    {
        var (cells, plane) = (plan.Cells, plan.Node.Shape.Height * _width);
        using (
            KernelText.Method(
                writer,
                "Stores the sums of the rows of one phase of up to eight channels, and of its columns.",
                $"private static void {NameOf(plan)}(float* sums, float* bias, float* output, int y, int phase, int rows, int count)"
            )
        )
        {
            var beyond = plan.Node.Shape.Height + _window.Stride.Height - 1;
            writer.Line($"rows = System::Math.Min(rows, ({beyond} - y) / {_window.Stride.Height});");
            using (writer.Block($"for (int channel = 0; channel < count; channel++, sums += {plan.SumsLength}, output += {plane})"))
            {
                writer.Line($"{vectors.Type} shift = {vectors.Broadcast("bias + channel")};");
                using (writer.Block("for (int row = 0; row < rows; row++)"))
                using (writer.Block($"for (int vector = 0; vector < {cells.Columns}; vector += {vectors.Lanes})"))
                {
                    // The last vector begins where it is full, over cells of the one before.
                    var last = cells.Columns - vectors.Lanes;
                    var isFull = last <= 0 || last % vectors.Lanes == 0;
                    writer.Line($"int cell = {(isFull ? "vector" : Invariant($"System::Math.Min(vector, {last})"))};");
                    writer.Line($"float* source = sums + row * {cells.Pitch} + cell;");
                    writer.Line($"int column = cell * {_window.Stride.Width}{(plan.IsWoven ? "" : " + phase")};");
                    writer.Line($"float* target = output + (y + row * {_window.Stride.Height}) * {_width} + column;");
                    if (plan.IsWoven)
                        WriteWoven();
                    else
                        WriteApart();
                }
            }
        }

        writer.Line();
    }

    private void WriteWoven()
    {
        for (var part = 0; part < _phases && part * vectors.Lanes < _width; part++)
        {
            var (value, left) = (Invariant($"x{part}"), _width - (part * vectors.Lanes));
            writer.Line($"{vectors.Type} {value} = {vectors.Add(Woven(part), "shift")};");
            WriteActivation(value);
            var target = KernelText.Offset("target", (long)part * vectors.Lanes);
            if (left >= vectors.Lanes)
            {
                writer.Line($"if (column <= {left - vectors.Lanes})");
                using (writer.Indented())
                    writer.Line(vectors.Store(target, value));
            }

            writer.Line($"{(left >= vectors.Lanes ? "else " : "")}if (column < {left})");
            using (writer.Indented())
                writer.Line($"StoreFirst({target}, {value}, {left} - column);");
        }
    }

    // A vector of neighbouring pixels: those of each phase spread to their places, which lie a stride apart.
    private string Woven(int part)
    {
        if (_phases == 1)
            return vectors.Load("source");
        var simd = VectorMathematics.Simd(vectors);
        var pixel = part * vectors.Lanes;
        var cell = pixel / _phases;
        var lanes = Enumerable.Range(0, vectors.Lanes).ToArray();
        var places = string.Join(", ", lanes.Select(lane => Invariant($"{((pixel + lane) / _phases) - cell}")));
        string Spread(int phase)
        {
            var source = vectors.Load(
                KernelText.Offset("source", ((long)phase * TransposedConvolutionPlan.ChannelTile * plan.SumsLength) + cell)
            );
            return $"{simd}.Shuffle({source}, {simd}.Create({places}))";
        }

        var woven = Spread(0);
        for (var phase = 1; phase < _phases; phase++)
        {
            var mask = string.Join(", ", lanes.Select(lane => (pixel + lane) % _phases == phase ? "-1" : "0"));
            woven = $"{simd}.ConditionalSelect({simd}.AsSingle({simd}.Create({mask})), {Spread(phase)}, {woven})";
        }

        return woven;
    }

    private void WriteApart()
    {
        writer.Line($"{vectors.Type} x = {vectors.Add(vectors.Load("source"), "shift")};");
        WriteActivation("x");
        writer.Line($"for (int lane = 0; lane < {vectors.Lanes} && column + lane * {_window.Stride.Width} < {_width}; lane++)");
        using (writer.Indented())
            writer.Line($"target[lane * {_window.Stride.Width}] = ((float*)&x)[lane];");
    }

    private void WriteActivation(string local)
    {
        if (plan.Convolution.Activation != Activation.None)
            writer.Line($"{local} = {ElementwiseText.Activated(vectors, plan.Convolution.Activation, local)};");
    }
}
