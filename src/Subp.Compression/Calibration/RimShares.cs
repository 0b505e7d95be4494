using Subp.Compression.Propagation;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Calibration;

/// <summary>How often the taps of a layer read its input, and not the zeros beyond its rim.</summary>
internal static class RimShares
{
    /// <summary>For each tap the share of the places of the output at which it lies on the input.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="form">The layer.</param>
    public static double[] Inside(Graph graph, LayerForm form)
    {
        if (form.Node.Operator is not Conv2d { Window: var window })
            return [.. Enumerable.Repeat(1.0, form.Taps)];
        var (read, made) = (graph.ShapeOf(form.Node.Inputs[0]), form.Node.Shape);
        double[] Along(int taps, int stride, int dilation, int padding, int extent, int places) =>
            [
                .. Enumerable
                    .Range(0, taps)
                    .Select(tap =>
                        Enumerable
                            .Range(0, places)
                            .Count(place => (place * stride) + (tap * dilation) - padding is >= 0 and var at && at < extent)
                        / (double)places
                    ),
            ];
        var rows = Along(window.Kernel.Height, window.Stride.Height, window.Dilation.Height, window.Padding.Top, read.Height, made.Height);
        var columns = Along(window.Kernel.Width, window.Stride.Width, window.Dilation.Width, window.Padding.Left, read.Width, made.Width);
        return [.. rows.SelectMany(row => columns.Select(column => row * column))];
    }
}
