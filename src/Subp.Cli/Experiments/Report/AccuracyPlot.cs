using ScottPlot;

namespace Subp.Cli.Experiments.Report;

/// <summary>The picture of a network: for every row its accuracy against the time of an image.</summary>
internal static class AccuracyPlot
{
    private const int Width = 1100;
    private const int Height = 640;

    /// <summary>The picture as SVG and as PNG.</summary>
    /// <param name="network">The network.</param>
    /// <param name="rows">Its rows that have results.</param>
    /// <param name="font">The name of a font.</param>
    public static (string Svg, byte[] Png) Draw(string network, IReadOnlyList<RowSummary> rows, string font)
    {
        using var plot = new Plot();
        plot.Title($"{network}: accuracy against time");
        plot.XLabel("time of an image, one thread, as a share of the dense network's");
        plot.YLabel("test accuracy, %");
        MarkerShape[] shapes =
        [
            MarkerShape.FilledCircle,
            MarkerShape.FilledSquare,
            MarkerShape.FilledDiamond,
            MarkerShape.FilledTriangleUp,
            MarkerShape.FilledTriangleDown,
        ];
        var palette = new ScottPlot.Palettes.Category10();
        foreach (var (index, row) in rows.Index())
        {
            var color = palette.GetColor(index);
            double x = 1 / row.Speedup,
                y = row.Accuracy * 100;
            var point = plot.Add.Marker(x, y, shapes[index / 10 % shapes.Length], 11, color);
            point.LegendText = row.Row.Title;
            if (row.Results.Count > 1)
            {
                var low = row.Results.Min(result => result.TestAccuracy) * 100;
                var high = row.Results.Max(result => result.TestAccuracy) * 100;
                var bar = plot.Add.Line(x, low, x, high);
                bar.Color = color;
                bar.LineWidth = 1.5f;
            }
        }

        plot.Font.Set(font);
        plot.ShowLegend(Edge.Right);
        plot.Axes.Margins(0.08, 0.12);
        return (plot.GetSvgHtml(Width, Height), plot.GetImageBytes(Width, Height, ImageFormat.Png));
    }
}
