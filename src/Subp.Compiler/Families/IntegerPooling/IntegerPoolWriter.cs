using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Families.Bytes;
using Subp.Core.Operators;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerPooling;

/// <summary>Writes pools of bytes, a vector of channels at a time. Windows are cut at the edges of the image.</summary>
internal static class IntegerPoolWriter
{
    /// <summary>Writes the layer method for one instruction set.</summary>
    public static void Write(CSharpWriter writer, IntegerPoolPlan plan, InstructionSet set)
    {
        var vectors = ByteVectors.Of(set, Math.Min(plan.Pitch.Input, plan.Pitch.Output));
        using (FamilyText.Method(writer, plan, set, KernelText.Extent(plan.Node.Shape), ["input", "output"]))
        {
            if (!plan.IsMaximum)
            {
                plan.Placement.WriteLocals(writer, vectors);
                if (plan.Pool is not null)
                    writer.Line($"{vectors.Integers} inputZero = {vectors.Constant(plan.InputZero)};");
            }

            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                if (plan.Pool is null)
                    WriteImage(writer, plan, vectors);
                else
                    WriteRow(writer, plan, plan.Pool, set, vectors);
            }
        }

        writer.Line();
    }

    private static void WriteImage(CSharpWriter writer, IntegerPoolPlan plan, ByteVectors vectors)
    {
        var pixels = plan.InputShape.Height * plan.InputShape.Width;
        writer.Line($"byte* source = (byte*)input + (long)tile * {pixels * plan.Pitch.Input};");
        writer.Line($"byte* target = (byte*)output + tile * {plan.Pitch.Output};");
        using (writer.Block($"for (int channel = 0; channel < {plan.Pitch.Output}; channel += {vectors.Lanes})"))
        {
            writer.Line($"{vectors.Integers} sum = {vectors.Constant(0)};");
            writer.Line($"for (int pixel = 0; pixel < {pixels}; pixel++)");
            using (writer.Indented())
                writer.Line(
                    $"sum = {vectors.AddIntegers("sum", vectors.LoadBytes(Invariant($"source + pixel * {plan.Pitch.Input} + channel")))};"
                );
            writer.Line($"sum = {vectors.SubtractIntegers("sum", vectors.Constant(plan.InputZero * pixels))};");
            var factor = (float)(plan.Ratio / (float)pixels);
            WriteMean(writer, plan, vectors, vectors.Constant(factor), "target + channel");
        }
    }

    private static void WriteMean(CSharpWriter writer, IntegerPoolPlan plan, ByteVectors vectors, string factor, string target) =>
        plan.Placement.WriteStore(writer, vectors, vectors.Multiply(vectors.ToFloats("sum"), factor), target);

    private static void WriteRow(CSharpWriter writer, IntegerPoolPlan plan, Pool2d pool, InstructionSet set, ByteVectors vectors)
    {
        var (window, input, output) = (pool.Window, plan.InputShape, plan.Node.Shape);
        KernelText.SplitTile(writer, output.Batch, output.Height, 1, hasRows: true);
        writer.Line($"byte* source = (byte*)input{KernelText.ImageTerm(output.Batch, input.Height * input.Width * plan.Pitch.Input)};");
        writer.Line($"byte* target = (byte*)output + (long)tile * {output.Width * plan.Pitch.Output};");
        WriteTaps(writer, "y", "row", window.Kernel.Height, window.Stride.Height, window.Padding.Top, window.Dilation.Height, input.Height);
        using (writer.Block($"for (int column = 0; column < {output.Width}; column++, target += {plan.Pitch.Output})"))
        {
            WriteTaps(
                writer,
                "x",
                "column",
                window.Kernel.Width,
                window.Stride.Width,
                window.Padding.Left,
                window.Dilation.Width,
                input.Width
            );
            if (!plan.IsMaximum)
                WriteCount(writer, plan, pool, vectors);
            var wide = plan.IsMaximum && plan.Pitch.Output >= 16 ? WideBytes(plan.Pitch.Output, set) : 0;
            using (writer.Block($"for (int channel = 0; channel < {plan.Pitch.Output}; channel += {(wide > 0 ? wide : vectors.Lanes)})"))
                WriteWindow(writer, plan, window, vectors, wide);
        }
    }

    // As many bytes as a vector holds and pixels are a multiple of.
    private static int WideBytes(int pitch, InstructionSet set)
    {
        var longest = set switch
        {
            InstructionSet.Avx512 => 64,
            InstructionSet.Avx2 => 32,
            _ => 16,
        };
        while (pitch % longest != 0)
            longest /= 2;
        return longest;
    }

    private static void WriteTaps(
        CSharpWriter writer,
        string name,
        string place,
        int kernel,
        int stride,
        int padding,
        int dilation,
        int extent
    )
    {
        writer.Line($"int {name}First = {KernelText.Scaled(place, stride)} - {padding};");
        writer.Line($"int {name}Last = System::Math.Min({name}First + {((kernel - 1) * dilation) + 1}, {extent});");
        writer.Line($"int {name}From = {name}First;");
        if (padding > 0)
        {
            writer.Line($"while ({name}From < 0)");
            using (writer.Indented())
                writer.Line($"{name}From += {dilation};");
        }
    }

    private static void WriteCount(CSharpWriter writer, IntegerPoolPlan plan, Pool2d pool, ByteVectors vectors)
    {
        var window = pool.Window;
        string Along(string name, int kernel, int extent, int after) =>
            pool.CountIncludesPadding
                ? Invariant($"(System::Math.Min({name}First + {kernel}, {extent + after}) - {name}First)")
                : Invariant($"(System::Math.Min({name}First + {kernel}, {extent}) - System::Math.Max({name}First, 0))");
        var rows = Along("y", window.Kernel.Height, plan.InputShape.Height, window.Padding.Bottom - pool.Overhang.Height);
        var columns = Along("x", window.Kernel.Width, plan.InputShape.Width, window.Padding.Right - pool.Overhang.Width);
        writer.Line($"float factor = {Emission.Runtime.CSharpText.Literal(plan.Ratio)} / (float)({rows} * {columns});");
        writer.Line($"{vectors.Floats} factors = {vectors.Simd}.Create(factor);");
    }

    private static void WriteWindow(CSharpWriter writer, IntegerPoolPlan plan, Window window, ByteVectors vectors, int wide)
    {
        var pixel = Invariant($"source + (y * {plan.InputShape.Width} + x) * {plan.Pitch.Input} + channel");
        var bytes = Invariant($"Simd::Vector{wide * 8}");
        writer.Line(
            wide > 0 ? $"{bytes}<byte> largest = {bytes}<byte>.Zero;"
            : plan.IsMaximum ? $"{vectors.Integers} largest = {vectors.Constant(0)};"
            : $"{vectors.Integers} sum = {vectors.Constant(0)};"
        );
        using (writer.Block($"for (int y = yFrom; y < yLast; y += {window.Dilation.Height})"))
        {
            writer.Line($"for (int x = xFrom; x < xLast; x += {window.Dilation.Width})");
            using (writer.Indented())
                writer.Line(
                    wide > 0 ? $"largest = {bytes}.Max(largest, *({bytes}<byte>*)({pixel}));"
                    : plan.IsMaximum ? $"largest = {vectors.MaxIntegers("largest", vectors.LoadBytes(pixel))};"
                    : $"sum = {vectors.AddIntegers("sum", vectors.SubtractIntegers(vectors.LoadBytes(pixel), "inputZero"))};"
                );
        }

        if (wide > 0)
            writer.Line($"*({bytes}<byte>*)(target + channel) = largest;");
        else if (plan.IsMaximum)
            writer.Line(vectors.StoreBytes("target + channel", "largest"));
        else
            WriteMean(writer, plan, vectors, "factors", "target + channel");
    }
}
