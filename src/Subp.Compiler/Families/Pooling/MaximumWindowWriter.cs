using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Pooling;

/// <summary>
/// Writes the row of a maximum pooling with all taps unrolled. A tap outside the image reads the pixel at the edge instead, which its
/// window holds anyway, so that no maximum changes and no tap needs a test.
/// </summary>
internal static class MaximumWindowWriter
{
    /// <summary>More taps than this stay a loop.</summary>
    private const int MostTaps = 25;

    /// <summary>True where taps can be unrolled: in a dilated window the pixel at the edge may lie between two taps.</summary>
    public static bool Fits(PoolPlan plan)
    {
        var window = plan.Pool.Window;
        return plan.Pool.Kind == PoolKind.Maximum
            && window.Dilation == Extent.One
            && window.Kernel.Height * window.Kernel.Width <= MostTaps;
    }

    /// <summary>Writes one row of output pixels of a block of channels.</summary>
    public static void Write(CSharpWriter writer, PoolPlan plan, VectorDialect vectors)
    {
        var (input, output) = (plan.Inputs[0]!, plan.Output!);
        var window = plan.Pool.Window;
        writer.Line("// Taps outside the image read the pixel at its edge, which the window holds anyway.");
        if (vectors.Set != InstructionSet.Portable)
            writer.Line("// Max gives its second operand where either is NaN; what it would lose of a NaN, the comparison keeps.");
        for (var tap = 0; tap < window.Kernel.Height; tap++)
        {
            var index = Inside("row", tap, window.Stride.Height, window.Padding.Top, input.Height, output.Height);
            writer.Line($"float* row{tap} = {BlockLoops.Row("input", input, index)};");
        }

        writer.Line($"float* target = {BlockLoops.Row("output", output)};");
        if (window.Kernel.Width > window.Stride.Width)
            WriteSharedColumns(writer, window, (input.Width, output.Width), vectors);
        else
            WriteSeparateWindows(writer, plan, vectors);
    }

    /// <summary>Windows that overlap share columns, whose largest pixels are found once and carried along the row.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="window">The window, wider than its stride.</param>
    /// <param name="width">The pixels of a row of the input and of the result.</param>
    /// <param name="vectors">The vectors.</param>
    public static void WriteSharedColumns(CSharpWriter writer, Window window, (int Input, int Output) width, VectorDialect vectors)
    {
        var shared = window.Kernel.Width - window.Stride.Width;
        writer.Line("// The largest pixel of each column of the window; neighbouring windows share columns.");
        foreach (var channel in FirstChannels(vectors))
        {
            for (var tap = 0; tap < shared; tap++)
                WriteColumn(channel, tap, Math.Min(Math.Max(tap - window.Padding.Left, 0), width.Input - 1) * 16 + channel, "");
        }

        using (writer.Block($"for (int column = 0; column < {width.Output}; column++)"))
        {
            for (var tap = shared; tap < window.Kernel.Width; tap++)
                writer.Line($"int pixel{tap} = {Column(window, tap, width)} * 16;");
            foreach (var channel in FirstChannels(vectors))
            {
                for (var tap = shared; tap < window.Kernel.Width; tap++)
                    WriteColumn(channel, tap, channel, Invariant($" + pixel{tap}"));
                MaximumText.WriteLocal(
                    writer,
                    vectors,
                    Named("result", channel),
                    [.. Enumerable.Range(0, window.Kernel.Width).Select(tap => (Named(Invariant($"column{tap}"), channel), (string?)null))]
                );
                writer.Line(vectors.Store(KernelText.Offset("target + column * 16", channel), Named("result", channel)));
                for (var tap = 0; tap < shared; tap++)
                    writer.Line(
                        $"{Named(Invariant($"column{tap}"), channel)} = {Named(Invariant($"column{tap + window.Stride.Width}"), channel)};"
                    );
            }
        }

        void WriteColumn(int channel, int tap, int distance, string pixel) =>
            MaximumText.WriteLocal(
                writer,
                vectors,
                Named(Invariant($"column{tap}"), channel),
                [
                    .. Enumerable
                        .Range(0, window.Kernel.Height)
                        .Select(row =>
                            (
                                Named(Invariant($"tap{row}_{tap}"), channel),
                                (string?)vectors.Load(KernelText.Offset(Invariant($"row{row}{pixel}"), distance))
                            )
                        ),
                ]
            );
    }

    private static void WriteSeparateWindows(CSharpWriter writer, PoolPlan plan, VectorDialect vectors)
    {
        var window = plan.Pool.Window;
        using (writer.Block($"for (int column = 0; column < {plan.Output!.Width}; column++)"))
        {
            for (var tap = 0; tap < window.Kernel.Width; tap++)
                writer.Line($"int pixel{tap} = {Column(window, tap, (plan.Inputs[0]!.Width, plan.Output!.Width))} * 16;");
            foreach (var channel in FirstChannels(vectors))
            {
                MaximumText.WriteLocal(
                    writer,
                    vectors,
                    Named("result", channel),
                    [
                        .. Enumerable
                            .Range(0, window.Kernel.Height * window.Kernel.Width)
                            .Select(tap => (Row: tap / window.Kernel.Width, Column: tap % window.Kernel.Width))
                            .Select(tap =>
                                (
                                    Named(Invariant($"tap{tap.Row}_{tap.Column}"), channel),
                                    (string?)vectors.Load(KernelText.Offset(Invariant($"row{tap.Row} + pixel{tap.Column}"), channel))
                                )
                            ),
                    ]
                );
                writer.Line(vectors.Store(KernelText.Offset("target + column * 16", channel), Named("result", channel)));
            }
        }
    }

    // The vectors of a block of 16 channels stand side by side in the code: the halves of a cache line are then read and written
    // together, and the chains of one fill the latencies of the other.
    private static IEnumerable<int> FirstChannels(VectorDialect vectors) =>
        Enumerable.Range(0, 16 / vectors.Lanes).Select(vector => vector * vectors.Lanes);

    /// <summary>The name of a local that holds the channels from one on: <c>column1</c>, <c>column1From8</c>.</summary>
    private static string Named(string name, int channel) => channel == 0 ? name : Invariant($"{name}From{channel}");

    private static string Column(Window window, int tap, (int Input, int Output) width) =>
        Inside("column", tap, window.Stride.Width, window.Padding.Left, width.Input, width.Output);

    /// <summary>
    /// The position of a tap along one axis, moved to the edge of the image where it can lie outside; a factor as it stands.
    /// </summary>
    private static string Inside(string index, int tap, int stride, int padding, int extent, int outputs)
    {
        var (first, last) = (tap - padding, ((outputs - 1) * stride) + tap - padding);
        var position =
            KernelText.Scaled(index, stride)
            + (
                first == 0 ? ""
                : first > 0 ? Invariant($" + {first}")
                : Invariant($" - {-first}")
            );
        if (first < 0)
            position = $"System::Math.Max({position}, 0)";
        if (last >= extent)
            return Invariant($"System::Math.Min({position}, {extent - 1})");
        return first > 0 ? $"({position})" : position;
    }
}
