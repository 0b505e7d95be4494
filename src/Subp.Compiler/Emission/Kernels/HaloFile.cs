using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// Writes the methods that zero halos. The arena is shared by values that do not live at the same time, so a producer zeroes the halo of
/// its output on every run; that is a few per cent of its stores and saves every consumer all tests at the edges.
/// </summary>
internal static class HaloFile
{
    /// <summary>The name of the method for a buffer: buffers of one geometry share it.</summary>
    public static string MethodOf(BufferPlan buffer) =>
        Invariant(
            $"ClearHalo{buffer.Height}x{buffer.Width}By{buffer.PixelStride}Pad{buffer.Halo.Top}_{buffer.Halo.Left}_{buffer.Halo.Bottom}_"
                + $"{buffer.Halo.Right}Stride{buffer.BatchStride}"
        );

    /// <summary>The file, or null where no value has a halo.</summary>
    public static EmittedFile? Write(ModelPlan plan)
    {
        var buffers = plan
            .Layers.Select(layer => layer.HaloToClear)
            .Where(buffer => buffer is not null)
            .GroupBy(buffer => MethodOf(buffer!), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .ToArray();
        if (buffers.Length == 0)
            return null;
        return ModelFileScope.Write(
            plan,
            ".Halos",
            _ => { },
            writer =>
            {
                var first = true;
                foreach (var group in buffers)
                {
                    if (!first)
                        writer.Line();
                    first = false;
                    WriteMethod(writer, group.Key, group.First()!);
                }
            }
        );
    }

    private static void WriteMethod(CSharpWriter writer, string name, BufferPlan buffer)
    {
        var halo = buffer.Halo;
        var batch = buffer.Shape.Batch;
        writer.Line(
            $"""
            /// <summary>
            /// Zeroes the halo ({halo.Top} above, {halo.Bottom} below, {halo.Left} left, {halo.Right} right) of planes of {buffer.Height} x {buffer.Width} pixels
            /// next to some rows of all images; <paramref name="output"/> is the first pixel inside the halo. Whoever owns the first or last
            /// row of an image also zeroes the rows above or below it.
            /// </summary>
            """
        );
        using (writer.Block($"private static void {name}(float* output, int planeFrom, int planeTo, int rowFrom, int rowTo)"))
        {
            using (writer.Block("for (int plane = planeFrom; plane < planeTo; plane++)"))
            {
                if (batch > 1)
                {
                    using (writer.Block($"for (int image = 0; image < {batch}; image++)"))
                        WritePlane(
                            writer,
                            buffer,
                            Invariant($"output + image * {buffer.BatchStride} + plane * {buffer.PlaneStride}"),
                            Invariant($"rowFrom - image * {buffer.Height}"),
                            Invariant($"rowTo - image * {buffer.Height}")
                        );
                }
                else
                {
                    WritePlane(writer, buffer, Invariant($"output + plane * {buffer.PlaneStride}"), "rowFrom", "rowTo");
                }
            }
        }
    }

    private static void WritePlane(CSharpWriter writer, BufferPlan buffer, string pixels, string rowFrom, string rowTo)
    {
        var halo = buffer.Halo;
        var left = halo.Left * buffer.PixelStride;
        var right = halo.Right * buffer.PixelStride;
        writer.Line($"float* pixels = {pixels};");
        writer.Line($"int first = System::Math.Max(0, {rowFrom});");
        writer.Line($"int last = System::Math.Min({buffer.Height}, {rowTo});");
        writer.Line("if (first >= last)");
        using (writer.Indented())
            writer.Line("continue;");
        if (halo.Top > 0)
        {
            writer.Line("if (first == 0)");
            using (writer.Indented())
                writer.Line($"new System::Span<float>(pixels - {buffer.Origin}, {halo.Top * buffer.RowPitch}).Clear();");
        }

        if (left > 0 || right > 0)
        {
            using (writer.Block("for (int row = first; row < last; row++)"))
            {
                if (left > 0)
                    writer.Line($"new System::Span<float>(pixels + row * {buffer.RowPitch} - {left}, {left}).Clear();");
                if (right > 0)
                    writer.Line(
                        $"new System::Span<float>(pixels + row * {buffer.RowPitch} + {buffer.Width * buffer.PixelStride}, {right}).Clear();"
                    );
            }
        }

        if (halo.Bottom > 0)
        {
            writer.Line($"if (last == {buffer.Height})");
            using (writer.Indented())
                writer.Line(
                    $"new System::Span<float>(pixels + {(buffer.Height * buffer.RowPitch) - left}, {halo.Bottom * buffer.RowPitch}).Clear();"
                );
        }
    }
}
