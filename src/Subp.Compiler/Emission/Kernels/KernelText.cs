using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>Fragments that all kernel emitters share: method heads, pointer arithmetic, halos.</summary>
internal static class KernelText
{
    /// <summary>The parameters that give a thread its part of a layer.</summary>
    public const string RangeParameters = "in WorkRange range";

    /// <summary>The name of the nested class of an instruction set.</summary>
    public static string ClassOf(InstructionSet set) => set.ToString();

    /// <summary>The attribute of methods that compute: the constant in the file of the class says how they are compiled.</summary>
    public const string Attribute = "[Runtime::MethodImpl(KernelCode)]";

    /// <summary>Opens a kernel method.</summary>
    public static CSharpWriter.Scope Method(CSharpWriter writer, string summary, string signature)
    {
        writer.Line($"/// <summary>{CSharpText.Documentation(summary)}</summary>");
        writer.Line("[Runtime::SkipLocalsInit]");
        writer.Line(Attribute);
        return writer.KernelBlock(signature);
    }

    /// <summary>A pointer and a constant distance in floats: <c>row + 32</c>, <c>row - 16</c> or <c>row</c>.</summary>
    public static string Offset(string pointer, long floats) =>
        floats == 0 ? pointer
        : floats > 0 ? Invariant($"{pointer} + {floats}")
        : Invariant($"{pointer} - {-floats}");

    /// <summary>An index times a constant: <c>row * 32</c>, or <c>row</c> where the constant is 1.</summary>
    public static string Scaled(string index, long factor) => factor == 1 ? index : Invariant($"{index} * {factor}");

    /// <summary>A count with its noun in the singular or plural: <c>1 vector</c>, <c>2 vectors</c>.</summary>
    public static string Count(int count, string noun) => Invariant($"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>The channels and pixels of a value, or the features of a vector, in words.</summary>
    public static string Extent(TensorShape shape) =>
        shape.IsImage
            ? Invariant($"{Count(shape.Channels, "channel")} of {shape.Height} x {shape.Width} pixels")
            : Count(shape.Channels, "feature");

    /// <summary>
    /// The statement that zeroes the halo rows and columns of this thread's part of a layer's output; nothing where there is no halo.
    /// </summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="output">The buffer the layer writes, or null where its halo needs no zeros.</param>
    /// <param name="planes">The planes, as two expressions: first and one past the last.</param>
    /// <param name="rowsPerTile">Output rows of one task.</param>
    public static void ClearHalo(CSharpWriter writer, BufferPlan? output, (string From, string To) planes, int rowsPerTile)
    {
        if (output is null)
            return;
        writer.Line("// The convolutions that read this expect zeros around it.");
        writer.Line(
            $"{HaloFile.MethodOf(output)}(output, {planes.From}, {planes.To}, {FirstRow("range.TileFrom")}, {FirstRow("range.TileTo")});"
        );

        // The last tile of an image may have fewer rows than the others, and the next image begins behind these.
        string FirstRow(string tile)
        {
            var tilesPerImage = (output.Height + rowsPerTile - 1) / rowsPerTile;
            return output.Shape.Batch == 1 || output.Height % rowsPerTile == 0
                ? Scaled(tile, rowsPerTile)
                : Invariant($"{tile} / {tilesPerImage} * {output.Height} + {tile} % {tilesPerImage} * {rowsPerTile}");
        }
    }

    /// <summary>
    /// Splits a task index over the rows of all images into image and row, or names the row alone where there is one image. Vectors have
    /// images only.
    /// </summary>
    public static void SplitTile(CSharpWriter writer, int batch, int tilesPerImage, int rowsPerTile, bool hasRows)
    {
        if (batch == 1)
        {
            if (hasRows)
                writer.Line($"int row = {Scaled("tile", rowsPerTile)};");
            return;
        }

        if (tilesPerImage == 1)
        {
            writer.Line("int image = tile;");
            if (hasRows)
                writer.Line("int row = 0;");
            return;
        }

        writer.Line($"int image = tile / {tilesPerImage};");
        writer.Line(
            rowsPerTile == 1
                ? Invariant($"int row = tile - image * {tilesPerImage};")
                : Invariant($"int row = (tile - image * {tilesPerImage}) * {rowsPerTile};")
        );
    }

    /// <summary>The distance of an image, as a term to add, or nothing where there is one image.</summary>
    public static string ImageTerm(int batch, long batchStride) => batch == 1 ? "" : Invariant($" + image * {batchStride}");
}
