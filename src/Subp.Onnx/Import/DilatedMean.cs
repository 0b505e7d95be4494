using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Onnx.Import;

/// <summary>
/// Average pooling whose window has gaps: a convolution of every channel with ones, and a product with one over the number of elements
/// that each window holds, which depends on shapes alone.
/// </summary>
internal static class DilatedMean
{
    private const long MostWeights = 1 << 20;

    /// <summary>Adds the nodes of the output.</summary>
    /// <param name="node">The node.</param>
    /// <param name="image">The image.</param>
    /// <param name="spatial">The number of spatial dimensions of the model.</param>
    /// <param name="window">The window, its padding at the end lengthened where the extent is rounded up.</param>
    /// <param name="countsPadding">Whether padding counts as elements.</param>
    /// <param name="overhang">How much of the padding at the end does not count even so.</param>
    public static void Emit(NodeContext node, GraphValue image, int spatial, Window window, bool countsPadding, Extent overhang)
    {
        var (kernel, channels) = (window.Kernel, image.Shape.Channels);
        var count = (long)channels * kernel.Height * kernel.Width;
        if (count > MostWeights)
            throw node.Unsupported(
                FormattableString.Invariant($"dilations and a window of {kernel.Height} x {kernel.Width} over {channels} channels"),
                FormattableString.Invariant($"at most {MostWeights} elements in all")
            );
        node.ChargeFolded((int)count);
        var ones = new float[count];
        Array.Fill(ones, 1);
        var weight = node.ComputedParameter("ones", new TensorShape(channels, 1, kernel.Height, kernel.Width), ones);
        var sum = node.EmitIntermediate(
            "sum",
            new Conv2d
            {
                Weight = weight,
                Window = window,
                Groups = channels,
            },
            image
        );
        int[] rows =
        [
            .. Enumerable
                .Range(0, sum.Shape.Height)
                .Select(row =>
                    Counted(
                        image.Shape.Height,
                        kernel.Height,
                        window.Dilation.Height,
                        (row * window.Stride.Height) - window.Padding.Top,
                        countsPadding ? window.Padding.Top : 0,
                        countsPadding ? window.Padding.Bottom - overhang.Height : 0
                    )
                ),
        ];
        int[] columns =
        [
            .. Enumerable
                .Range(0, sum.Shape.Width)
                .Select(column =>
                    Counted(
                        image.Shape.Width,
                        kernel.Width,
                        window.Dilation.Width,
                        (column * window.Stride.Width) - window.Padding.Left,
                        countsPadding ? window.Padding.Left : 0,
                        countsPadding ? window.Padding.Right - overhang.Width : 0
                    )
                ),
        ];
        if (rows.Contains(0) || columns.Contains(0))
            throw node.Unsupported("a window that holds padding alone", "windows with an element of the image");
        var shares = rows.SelectMany(row => columns.Select(column => (float)(1.0 / ((double)row * column)))).ToArray();
        node.ChargeFolded(shares.Length);
        Lines.Emit(
            node,
            node.OutputName,
            spatial,
            new Mul(),
            sum,
            node.ComputedConstant("shares", new TensorShape(1, 1, rows.Length, columns.Length), shares)
        );
    }

    private static int Counted(int extent, int kernel, int dilation, int first, int before, int after) =>
        Enumerable.Range(0, kernel).Count(tap => first + ((long)tap * dilation) is var at && at >= -before && at < extent + (long)after);
}
