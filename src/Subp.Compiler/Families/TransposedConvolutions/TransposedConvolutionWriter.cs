using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Elementwise;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>
/// Writes transposed convolutions. Output pixels of a row that are a stride apart form a phase; a vector of them reads neighbouring pixels
/// of the input, and the sums of eight output channels stay in registers over all taps and input channels.
/// </summary>
internal static class TransposedConvolutionWriter
{
    /// <summary>Writes the methods for one instruction set.</summary>
    public static void Write(CSharpWriter writer, TransposedConvolutionPlan plan, InstructionSet set)
    {
        var vectors = VectorDialect.Longest(set);
        var (convolution, input, output) = (plan.Convolution, plan.Input, plan.Node.Shape);
        var stride = convolution.Window.Stride.Width;
        using (
            FamilyText.Method(
                writer,
                plan,
                set,
                Invariant($"{KernelText.Extent(output)} from {KernelText.Extent(input)}"),
                ["input", "weights", "bias", "output"]
            )
        )
        {
            writer.Line("// A task is a row of eight output channels; pixels that are a stride apart are computed together.");
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                writer.Line($"int row = tile % {output.Height};");
                writer.Line($"int channels = tile / {output.Height} % {plan.ChannelTiles};");
                writer.Line($"int image = tile / {output.Height * plan.ChannelTiles};");
                writer.Line($"int group = channels / {plan.TilesPerGroup};");
                writer.Line($"int first = (channels - group * {plan.TilesPerGroup}) * {TransposedConvolutionPlan.ChannelTile};");
                writer.Line($"int count = System::Math.Min({TransposedConvolutionPlan.ChannelTile}, {plan.PerGroup.Outputs} - first);");
                writer.Line(
                    $"float* source = input + (image * {input.Channels} + group * {plan.PerGroup.Inputs}) * {input.Height * input.Width};"
                );
                writer.Line(
                    $"float* kernel = weights + channels * {TransposedConvolutionPlan.ChannelTile * plan.Taps * plan.PerGroup.Inputs};"
                );
                writer.Line($"float* biases = bias + group * {plan.PerGroup.Outputs} + first;");
                writer.Line(
                    $"float* target = output + (image * {output.Channels} + group * {plan.PerGroup.Outputs} + first) * "
                        + $"{output.Height * output.Width} + row * {output.Width};"
                );
                using (writer.Block($"for (int phase = 0; phase < {Math.Min(stride, output.Width)}; phase++)"))
                {
                    writer.Line($"for (int column = phase; column < {output.Width}; column += {vectors.Lanes * stride})");
                    using (writer.Indented())
                        writer.Line($"{plan.MethodStem}_Pixels(source, kernel, biases, target, row, column, count);");
                }
            }
        }

        writer.Line();
        WritePixels(writer, plan, vectors);
    }

    private static void WritePixels(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
    {
        const int Channels = TransposedConvolutionPlan.ChannelTile;
        var (window, input, output) = (plan.Convolution.Window, plan.Input, plan.Node.Shape);
        var plane = input.Height * input.Width;
        using (
            KernelText.Method(
                writer,
                Invariant($"A vector of pixels of a row from one column on, {window.Stride.Width} apart, of up to eight channels."),
                $"private static void {plan.MethodStem}_Pixels(float* source, float* weights, float* bias, float* target, "
                    + "int row, int column, int count)"
            )
        )
        {
            writer.Line($"// Registers: {Channels} sums, a vector of pixels.");
            for (var channel = 0; channel < Channels; channel++)
                writer.Line($"{vectors.Type} sum{channel} = {vectors.Zero};");
            using (writer.Block($"for (int u = 0; u < {window.Kernel.Height}; u++)"))
            {
                writer.Line($"int y = row + {window.Padding.Top} - u * {window.Dilation.Height};");
                writer.Line($"if (y < 0 || y >= {input.Height * window.Stride.Height} || y % {window.Stride.Height} != 0)");
                using (writer.Indented())
                    writer.Line("continue;");
                using (writer.Block($"for (int v = 0; v < {window.Kernel.Width}; v++)"))
                {
                    writer.Line($"int x = column + {window.Padding.Left} - v * {window.Dilation.Width};");
                    writer.Line($"if ((x % {window.Stride.Width}) != 0)");
                    using (writer.Indented())
                        writer.Line("continue;");
                    writer.Line($"int from = x / {window.Stride.Width};");
                    writer.Line($"if (from <= -{vectors.Lanes} || from >= {input.Width})");
                    using (writer.Indented())
                        writer.Line("continue;");
                    writer.Line($"float* pixels = source + y / {window.Stride.Height} * {input.Width} + from;");
                    writer.Line($"float* weight = weights + (u * {window.Kernel.Width} + v) * {plan.PerGroup.Inputs * Channels};");
                    writer.Line($"if (from >= 0 && from + {vectors.Lanes} <= {input.Width})");
                    using (writer.Block())
                        WriteSums(writer, plan, vectors, plane, vectors.Load("pixels"));
                    writer.Line("else");
                    using (writer.Block())
                    {
                        writer.Line("// Vectors that reach beyond the row take zeros there.");
                        writer.Line($"{vectors.Type} lanes = LanesWithin(-from, {input.Width} - from);");
                        WriteSums(writer, plan, vectors, plane, "LoadLanes(pixels, lanes)");
                    }
                }
            }

            writer.Line(
                $"int pixelCount = System::Math.Min({vectors.Lanes}, "
                    + $"({output.Width} - column + {window.Stride.Width - 1}) / {window.Stride.Width});"
            );
            writer.Line("target += column;");
            for (var channel = 0; channel < Channels; channel++)
                WriteStore(writer, plan, vectors, channel);
        }

        writer.Line();
    }

    private static void WriteSums(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors, int plane, string pixels)
    {
        const int Channels = TransposedConvolutionPlan.ChannelTile;
        using (writer.Block($"for (int channel = 0; channel < {plan.PerGroup.Inputs}; channel++, pixels += {plane}, weight += {Channels})"))
        {
            writer.Line($"{vectors.Type} pixel = {pixels};");
            for (var channel = 0; channel < Channels; channel++)
            {
                var factor = vectors.Broadcast(KernelText.Offset("weight", channel));
                writer.Line($"sum{channel} = {vectors.MultiplyAdd(factor, "pixel", Invariant($"sum{channel}"))};");
            }
        }
    }

    private static void WriteStore(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors, int channel)
    {
        var stride = plan.Convolution.Window.Stride.Width;
        var plane = plan.Node.Shape.Height * plan.Node.Shape.Width;
        using (writer.Block($"if (count > {channel})"))
        {
            var biased = vectors.Add(Invariant($"sum{channel}"), vectors.Broadcast(KernelText.Offset("bias", channel)));
            writer.Line($"{vectors.Type} result = {biased};");
            writer.Line($"result = {ElementwiseText.Activated(vectors, plan.Convolution.Activation, "result")};");
            var target = KernelText.Offset("target", (long)channel * plane);
            if (stride == 1)
            {
                writer.Line($"StoreFirst({target}, result, pixelCount);");
                return;
            }

            writer.Line($"for (int lane = 0; lane < pixelCount; lane++)");
            using (writer.Indented())
                writer.Line($"({target})[lane * {stride}] = ((float*)&result)[lane];");
        }
    }
}
