using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Elementwise;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Writes the bias, the activation and the stores of a vector of cells of up to eight channels. Few phases are woven into whole vectors
/// of the row; of many, each is stored pixel by pixel.
/// </summary>
internal sealed class TransposedStores(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
{
    private readonly int _phases = TransposedPixels.PhasesOf(plan);
    private readonly int _stride = plan.Convolution.Window.Stride.Width;
    private readonly int _width = plan.Node.Shape.Width;

    /// <summary>The method.</summary>
    public static string NameOf(TransposedConvolutionPlan plan) => plan.MethodStem + "_Store";

    /// <summary>Writes the method.</summary>
    public void Write()
    {
        using (
            KernelText.Method(
                writer,
                "Stores a vector of cells of up to eight channels, from one column of the row on.",
                $"private static void {NameOf(plan)}(float* sums, float* bias, float* target, int column, int count)"
            )
        )
        {
            var plane = plan.Node.Shape.Height * _width;
            writer.Line("target += column;");
            var apart = _phases * vectors.Lanes;
            using (writer.Block($"for (int channel = 0; channel < count; channel++, sums += {apart}, bias++, target += {plane})"))
            {
                writer.Line($"{vectors.Type} shift = {vectors.Broadcast("bias")};");
                if (_phases == _stride)
                    WriteWoven();
                else
                    WriteApart();
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
            return vectors.Load("sums");
        var simd = VectorMathematics.Simd(vectors);
        var pixel = part * vectors.Lanes;
        var cell = pixel / _phases;
        var lanes = Enumerable.Range(0, vectors.Lanes).ToArray();
        var places = string.Join(", ", lanes.Select(lane => Invariant($"{((pixel + lane) / _phases) - cell}")));
        string Spread(int phase)
        {
            var source = vectors.Load(KernelText.Offset("sums", (phase * vectors.Lanes) + cell));
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
        writer.Line($"{vectors.Type} x = {vectors.Add(vectors.Load("sums"), "shift")};");
        WriteActivation("x");
        writer.Line($"for (int lane = 0; lane < {vectors.Lanes} && column + lane * {_stride} < {_width}; lane++)");
        using (writer.Indented())
            writer.Line($"target[lane * {_stride}] = ((float*)&x)[lane];");
    }

    private void WriteActivation(string local)
    {
        if (plan.Convolution.Activation != Activation.None)
            writer.Line($"{local} = {ElementwiseText.Activated(vectors, plan.Convolution.Activation, local)};");
    }
}
