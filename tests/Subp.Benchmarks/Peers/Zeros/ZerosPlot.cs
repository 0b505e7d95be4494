using ScottPlot;

namespace Subp.Benchmarks.Peers.Zeros;

/// <summary>The picture: time against computed multiply-adds, each as a share of those without zeros.</summary>
internal static class ZerosPlot
{
    private const int Width = 900;
    private const int Height = 560;

    /// <summary>The picture as SVG and as PNG.</summary>
    /// <param name="series">What was measured.</param>
    /// <param name="font">The name of a font.</param>
    public static (string Svg, byte[] Png) Draw(IReadOnlyList<PrunedSeries> series, string font)
    {
        using var plot = new Plot();
        plot.XLabel("multiply-adds that are computed, % of the dense network's");
        plot.YLabel("time, % of the dense network's");
        var palette = new ScottPlot.Palettes.Category10();
        foreach (var (index, measured) in series.Index())
        {
            var color = palette.GetColor(index);
            var points = plot.Add.Scatter(
                measured.Points.Select(point => point.Kept * 100).ToArray(),
                measured.Points.Select(point => point.Microseconds / measured.Whole * 100).ToArray()
            );
            points.LineWidth = 0;
            points.MarkerSize = 9;
            points.Color = color;
            points.LegendText = measured.Title;
            var line = measured.Line;
            double At(double kept) => (line.Intercept + (line.Slope * kept)) / measured.Whole * 100;
            var fit = plot.Add.Line(0, At(0), 100, At(1));
            fit.Color = color;
            fit.LineWidth = 1.5f;
        }

        var dense = plot.Add.Line(0, 0, 100, 100);
        dense.Color = Colors.Gray;
        dense.LinePattern = LinePattern.Dotted;
        dense.LegendText = "proportional";
        plot.Font.Set(font);
        plot.Axes.SetLimits(0, 105, 0, 115);
        plot.ShowLegend(Alignment.LowerRight);
        return (plot.GetSvgHtml(Width, Height), plot.GetImageBytes(Width, Height, ImageFormat.Png));
    }
}
