using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Values;

/// <summary>
/// The place of an image in <see cref="Layout.Stripes16"/>: a stripe has sixteen pixels of all channels, those of a channel side by side.
/// Pixels follow each other row by row and over the ends of rows; the last stripe of an image may be partly used, and what the rest of it
/// holds is computed and never read.
/// </summary>
internal static class StripeLayout
{
    /// <summary>Pixels of a stripe.</summary>
    public const int Pixels = 16;

    /// <summary>True for images that the layout holds: their channels fill blocks of 16, so that blocks become stripes as wholes.</summary>
    public static bool Holds(TensorShape shape) => shape.IsImage && shape.Channels % BufferPlanner.Block == 0;

    /// <summary>Stripes of one image.</summary>
    public static int StripesOf(TensorShape shape) => ((shape.Height * shape.Width) + Pixels - 1) / Pixels;

    /// <summary>Floats from one stripe to the next.</summary>
    public static int Length(TensorShape shape) => checked(shape.Channels * Pixels);

    /// <summary>The buffer of a value; its offset comes later.</summary>
    public static BufferPlan Buffer(GraphNode node)
    {
        var image = checked(StripesOf(node.Shape) * Length(node.Shape));
        return new BufferPlan
        {
            Value = node.Name,
            Shape = node.Shape,
            Layout = Layout.Stripes16,
            Halo = Halo.None,
            PixelStride = 1,
            RowPitch = node.Shape.Width,
            PlaneStride = Pixels,
            BatchStride = image,
            Length = checked(image * node.Shape.Batch),
        };
    }
}
