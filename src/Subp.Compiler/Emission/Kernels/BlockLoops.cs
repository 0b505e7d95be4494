using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The loops that steps without register tiles share: blocks of 16 channels x rows of all images, then vectors of one block.
/// </summary>
internal static class BlockLoops
{
    /// <summary>
    /// Loops over the groups (blocks of 16 channels) and tiles (rows, or images for vectors) of a thread; declares <c>row</c> for images
    /// and <c>image</c> where there are several.
    /// </summary>
    public static void Write(CSharpWriter writer, BufferPlan output, Action body)
    {
        writer.Line(
            output.Shape.IsImage
                ? "// A task is a block of 16 channels (group) in one row of an image (tile)."
                : "// A task is a block of 16 features (group) of one image (tile)."
        );
        using (writer.Block("for (int group = range.GroupFrom; group < range.GroupTo; group++)"))
        {
            using (writer.Block("for (int tile = range.TileFrom; tile < range.TileTo; tile++)"))
            {
                KernelText.SplitTile(writer, output.Shape.Batch, output.Height, 1, output.Shape.IsImage);
                body();
            }
        }
    }

    /// <summary>
    /// Loops over the vectors of one block of 16 channels; declares <c>lane</c>, the first channel of the vector. No loop where one vector
    /// is a block.
    /// </summary>
    public static void WriteLanes(CSharpWriter writer, VectorDialect vectors, Action<string> body)
    {
        if (vectors.Lanes == 16)
        {
            body("");
            return;
        }

        using (writer.Block($"for (int lane = 0; lane < 16; lane += {vectors.Lanes})"))
            body(" + lane");
    }

    /// <summary>The first pixel of a block of 16 channels in an image.</summary>
    public static string Block(string pointer, BufferPlan buffer) =>
        Invariant($"{pointer} + group * {buffer.PlaneStride}{KernelText.ImageTerm(buffer.Shape.Batch, buffer.BatchStride)}");

    /// <summary>The first pixel of a row of a block of 16 channels in an image, or the block of 16 features of a vector.</summary>
    public static string Row(string pointer, BufferPlan buffer, string row = "row") =>
        buffer.Shape.IsImage
            ? Invariant(
                $"{pointer} + group * {buffer.PlaneStride}{KernelText.ImageTerm(buffer.Shape.Batch, buffer.BatchStride)} + {row} * "
                    + $"{buffer.RowPitch}"
            )
            : Invariant($"{pointer} + group * 16{KernelText.ImageTerm(buffer.Shape.Batch, buffer.BatchStride)}");
}
