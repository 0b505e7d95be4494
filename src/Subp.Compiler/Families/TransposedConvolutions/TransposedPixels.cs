using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.TransposedConvolutions;

/// <summary>Writes the sums of one phase of the cells of a task, of eight output channels.</summary>
internal sealed class TransposedPixels(CSharpWriter writer, TransposedConvolutionPlan plan, VectorDialect vectors)
{
    private const int Channels = TransposedConvolutionPlan.ChannelTile;

    // Channels x vectors whose sums, with the pixels and a weight, fit into the registers.
    private (int Channels, int Vectors) Tile =>
        vectors.Lanes switch
        {
            16 => (Channels, 3),
            8 => (Channels / 2, 3),
            _ => (Channels / 2, 2),
        };

    /// <summary>The method for all cells of a task.</summary>
    public static string NameOf(TransposedConvolutionPlan plan) => plan.MethodStem + "_Phase";

    /// <summary>Writes the methods.</summary>
    public void Write()
    {
        var counts = new[] { plan.CellRows, plan.Cells.Rows - ((plan.Stretches - 1) * plan.CellRows) }
            .Select(rows => ((plan.Cells.Length(rows) - 1) / vectors.Lanes) + 1)
            .ToArray();
        int[] sizes =
        [
            .. Enumerable
                .Range(1, Tile.Vectors)
                .Where(size => counts.Any(count => size == Tile.Vectors ? count >= size : count % Tile.Vectors == size))
                .Reverse(),
        ];
        WritePhase(sizes);
        foreach (var size in sizes)
            WriteTile(size);
    }

    private string TileName(int size) => Invariant($"{plan.MethodStem}_Sums{size}");

    private void WritePhase(int[] sizes)
    {
        using (
            KernelText.Method(
                writer,
                "The sums of one phase of all cells of some rows, of up to eight channels.",
                $"private static void {NameOf(plan)}(float* panel, float* weights, float* sums, int row, int phase, int rows, int count)"
            )
        )
        {
            var between = plan.Cells.Pitch - plan.Cells.Columns;
            writer.Line("// Vectors go on from row to row; what they compute between the rows is not stored.");
            writer.Line($"int end = {KernelText.Offset($"rows * {plan.Cells.Pitch}", -between)};");
            if (Tile.Channels == Channels)
                WriteTiles(sizes, "weights", "sums + cell");
            else
            {
                using (writer.Block($"for (int channel = 0; channel < count; channel += {Tile.Channels})"))
                    WriteTiles(sizes, "weights + channel", Invariant($"sums + channel * {plan.SumsLength} + cell"));
            }
        }

        writer.Line();
    }

    private void WriteTiles(int[] sizes, string weights, string target)
    {
        writer.Line("int cell = 0;");
        foreach (var size in sizes)
        {
            var left = KernelText.Offset("end - cell", -(size - 1) * vectors.Lanes);
            writer.Line($"for (; {left} > 0; cell += {size * vectors.Lanes})");
            using (writer.Indented())
                writer.Line($"{TileName(size)}(panel + cell, {weights}, {target}, row, phase);");
        }
    }

    private void WriteTile(int size)
    {
        var window = plan.Convolution.Window;
        using (
            KernelText.Method(
                writer,
                Invariant($"{KernelText.Count(size, "vector")} of cells of one phase, of {Tile.Channels} channels."),
                $"private static void {TileName(size)}(float* panel, float* weights, float* sums, int row, int phase)"
            )
        )
        {
            writer.Line($"// Registers: {Tile.Channels * size} sums, {KernelText.Count(size, "vector")} of pixels, a weight.");
            ForEachSum(size, (_, _, sum) => writer.Line($"{vectors.Type} {sum} = {vectors.Zero};"));
            using (writer.Block($"for (int u = 0; u < {window.Kernel.Height}; u++)"))
            {
                writer.Line($"int y = row + {window.Padding.Top} - u * {window.Dilation.Height};");
                writer.Line($"if (y % {window.Stride.Height} != 0)");
                using (writer.Indented())
                    writer.Line("continue;");
                var line = KernelText.Offset($"y / {window.Stride.Height}", -plan.Cells.FirstRow);
                writer.Line($"float* line = panel + ({line}) * {plan.Cells.Pitch};");
                using (writer.Block($"for (int v = 0; v < {window.Kernel.Width}; v++)"))
                    WriteTap(size);
            }

            ForEachSum(
                size,
                (index, channel, sum) =>
                    writer.Line(vectors.Store(KernelText.Offset("sums", (channel * (long)plan.SumsLength) + (index * vectors.Lanes)), sum))
            );
        }

        writer.Line();
    }

    private void WriteTap(int size)
    {
        var window = plan.Convolution.Window;
        writer.Line($"int x = phase + {window.Padding.Left} - v * {window.Dilation.Width};");
        writer.Line($"if (x % {window.Stride.Width} != 0)");
        using (writer.Indented())
            writer.Line("continue;");
        writer.Line($"float* pixels = line + {KernelText.Offset($"x / {window.Stride.Width}", -plan.Cells.FirstColumn)};");
        writer.Line($"float* weight = weights + (u * {window.Kernel.Width} + v) * {plan.PerGroup.Inputs * Channels};");
        var step = $"channel++, pixels += {plan.ChannelStride}, weight += {Channels}";
        using (writer.Block($"for (int channel = 0; channel < {plan.PerGroup.Inputs}; {step})"))
        {
            for (var index = 0; index < size; index++)
                writer.Line($"{vectors.Type} pixel{index} = {vectors.Load(KernelText.Offset("pixels", index * vectors.Lanes))};");
            for (var channel = 0; channel < Tile.Channels; channel++)
            {
                writer.Line($"{vectors.Type} factor{channel} = {vectors.Broadcast(KernelText.Offset("weight", channel))};");
                for (var index = 0; index < size; index++)
                {
                    var sum = Sum(index, channel);
                    writer.Line($"{sum} = {vectors.MultiplyAdd(Invariant($"factor{channel}"), Invariant($"pixel{index}"), sum)};");
                }
            }
        }
    }

    private void ForEachSum(int size, Action<int, int, string> write)
    {
        for (var index = 0; index < size; index++)
        {
            for (var channel = 0; channel < Tile.Channels; channel++)
                write(index, channel, Sum(index, channel));
        }
    }

    private static string Sum(int index, int channel) => Invariant($"sum{index}_{channel}");
}
