using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>Writes the sums of some vectors of pixels of one phase of a row, of eight output channels.</summary>
internal sealed class TransposedPixels(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
{
    private const int Channels = TransposedConvolutionPlan.ChannelTile;

    /// <summary>So many phases, or fewer, are put together before they are stored.</summary>
    private const int FewPhases = 4;

    /// <summary>The phases that are put together before they are stored: all, or one at a time.</summary>
    public static int PhasesOf(TransposedConvolutionPlan plan) =>
        plan.Convolution.Window.Stride.Width is var stride && stride <= FewPhases ? stride : 1;

    /// <summary>The method for so many vectors.</summary>
    public string NameOf(int count) => Invariant($"{plan.MethodStem}_Pixels{count}");

    /// <summary>Writes the method for so many vectors.</summary>
    public void Write(int count)
    {
        var (window, input) = (plan.Convolution.Window, plan.Input);
        var cells = string.Concat(Enumerable.Range(0, count).Select(index => Invariant($", int cell{index}")));
        using (
            KernelText.Method(
                writer,
                Invariant($"{KernelText.Count(count, "vector")} of pixels of one phase, {window.Stride.Width} apart, of eight channels."),
                $"private static void {NameOf(count)}(float* source, float* weights, float* sums, int row, int phase{cells})"
            )
        )
        {
            writer.Line($"// Registers: {Channels * count} sums, {KernelText.Count(count, "vector")} of pixels.");
            ForEachSum(count, (_, _, sum) => writer.Line($"{vectors.Type} {sum} = {vectors.Zero};"));
            using (writer.Block($"for (int u = 0; u < {window.Kernel.Height}; u++)"))
            {
                writer.Line($"int y = row + {window.Padding.Top} - u * {window.Dilation.Height};");
                writer.Line($"if (y < 0 || y >= {input.Height * window.Stride.Height} || y % {window.Stride.Height} != 0)");
                using (writer.Indented())
                    writer.Line("continue;");
                using (writer.Block($"for (int v = 0; v < {window.Kernel.Width}; v++)"))
                    WriteTap(count);
            }

            var apart = PhasesOf(plan) * vectors.Lanes;
            ForEachSum(
                count,
                (index, channel, sum) =>
                    writer.Line(vectors.Store(KernelText.Offset("sums", ((index * Channels) + channel) * (long)apart), sum))
            );
        }

        writer.Line();
    }

    private void WriteTap(int count)
    {
        var (window, input, last) = (plan.Convolution.Window, plan.Input, Invariant($"from{count - 1}"));
        writer.Line($"int x = phase + {window.Padding.Left} - v * {window.Dilation.Width};");
        writer.Line($"if ((x % {window.Stride.Width}) != 0)");
        using (writer.Indented())
            writer.Line("continue;");
        for (var index = 0; index < count; index++)
            writer.Line($"int from{index} = cell{index} + x / {window.Stride.Width};");
        writer.Line($"if ({last} <= -{vectors.Lanes} || from0 >= {input.Width})");
        using (writer.Indented())
            writer.Line("continue;");
        writer.Line($"float* pixels = source + y / {window.Stride.Height} * {input.Width} + from0;");
        writer.Line($"float* weight = weights + (u * {window.Kernel.Width} + v) * {plan.PerGroup.Inputs * Channels};");
        for (var index = 1; index < count; index++)
            writer.Line($"int further{index} = from{index} - from0;");
        writer.Line($"if (from0 >= 0 && {last} + {vectors.Lanes} <= {input.Width})");
        using (writer.Block())
            WriteSums(count, index => vectors.Load(Pixels(index)));
        writer.Line("else");
        using (writer.Block())
        {
            writer.Line("// Vectors that reach beyond the row take zeros there.");
            for (var index = 0; index < count; index++)
                writer.Line($"{vectors.Type} lanes{index} = LanesWithin(-from{index}, {input.Width} - from{index});");
            WriteSums(count, index => $"LoadLanes({Pixels(index)}, lanes{index})");
        }
    }

    private void WriteSums(int count, Func<int, string> load)
    {
        var plane = plan.Input.Height * plan.Input.Width;
        using (writer.Block($"for (int channel = 0; channel < {plan.PerGroup.Inputs}; channel++, pixels += {plane}, weight += {Channels})"))
        {
            for (var index = 0; index < count; index++)
                writer.Line($"{vectors.Type} pixel{index} = {load(index)};");
            for (var channel = 0; channel < Channels; channel++)
            {
                var factor = vectors.Broadcast(KernelText.Offset("weight", channel));
                if (count > 1)
                {
                    writer.Line($"{vectors.Type} factor{channel} = {factor};");
                    factor = Invariant($"factor{channel}");
                }

                for (var index = 0; index < count; index++)
                {
                    var sum = Sum(index, channel);
                    writer.Line($"{sum} = {vectors.MultiplyAdd(factor, Invariant($"pixel{index}"), sum)};");
                }
            }
        }
    }

    private static void ForEachSum(int count, Action<int, int, string> write)
    {
        for (var index = 0; index < count; index++)
        {
            for (var channel = 0; channel < Channels; channel++)
                write(index, channel, Sum(index, channel));
        }
    }

    private static string Pixels(int index) => index == 0 ? "pixels" : Invariant($"pixels + further{index}");

    private static string Sum(int index, int channel) => Invariant($"sum{index}{(char)('A' + channel)}");
}
