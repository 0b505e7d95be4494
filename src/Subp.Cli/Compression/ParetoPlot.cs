using ScottPlot;
using Subp.Cli.Experiments.Report;
using Subp.Tooling.Text;

namespace Subp.Cli.Compression;

/// <summary>One setting of a network: what it costs and what it loses.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Microseconds">The predicted time of one thread.</param>
/// <param name="RelativeError">How far outputs are from those of the original.</param>
/// <param name="Bytes">All weights.</param>
internal sealed record ParetoPoint(string Name, double Microseconds, double RelativeError, long Bytes);

/// <summary>The picture of several settings: error against time. What lies left of and below all others is worth taking.</summary>
internal static class ParetoPlot
{
    private const int Width = 900;
    private const int Height = 460;

    /// <summary>The picture as SVG, or null where there is no font to write it with.</summary>
    public static string? Draw(IReadOnlyList<ParetoPoint> points)
    {
        if (PlotFont.Find() is not { } font)
            return null;
        using var plot = new Plot();
        plot.XLabel("predicted time of an input, one thread, ms");
        plot.YLabel("error of the outputs, %");
        ParetoPoint[] ordered = [.. points.OrderBy(point => point.Microseconds)];
        var palette = new ScottPlot.Palettes.Category10();
        var front = plot.Add.Scatter(
            Front(ordered).Select(point => point.Microseconds / 1000).ToArray(),
            Front(ordered).Select(point => point.RelativeError * 100).ToArray()
        );
        front.MarkerSize = 0;
        front.Color = palette.GetColor(0);
        foreach (var point in ordered)
        {
            double x = point.Microseconds / 1000,
                y = point.RelativeError * 100;
            plot.Add.Marker(x, y, MarkerShape.FilledCircle, 9, palette.GetColor(0));
            var text = plot.Add.Text($"{point.Name}, {Figures.Bytes(point.Bytes)}", x, y);
            text.OffsetX = 8;
            text.OffsetY = -8;
            text.LabelFontName = font;
        }

        plot.Font.Set(font);
        plot.Axes.Margins(0.15, 0.15);
        return plot.GetSvgHtml(Width, Height);
    }

    /// <summary>The points than which no other is both faster and nearer to the original, the fastest first.</summary>
    public static IReadOnlyList<ParetoPoint> Front(IReadOnlyList<ParetoPoint> points)
    {
        var least = double.PositiveInfinity;
        var front = new List<ParetoPoint>();
        foreach (var point in points.OrderBy(point => point.Microseconds).ThenBy(point => point.RelativeError))
        {
            if (point.RelativeError >= least)
                continue;
            least = point.RelativeError;
            front.Add(point);
        }

        return front;
    }
}
