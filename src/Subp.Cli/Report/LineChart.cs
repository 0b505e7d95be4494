using System.Globalization;
using System.Net;
using System.Text;

namespace Subp.Cli.Report;

/// <summary>
/// A line chart as an inline SVG: thin lines with direct labels, few grid lines, a tooltip on every point. Colours come from the page.
/// </summary>
/// <param name="Title">What is shown.</param>
/// <param name="Unit">How values are written, for example <c>0.0 %</c>; a per cent sign multiplies by 100.</param>
/// <param name="Series">The lines, of which one may be longer than another; their classes are <c>series-0</c>, <c>series-1</c> and so
/// on.</param>
internal sealed record LineChart(string Title, string Unit, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Series)
{
    private const int Width = 520;
    private const int Height = 280;
    private const int Left = 56;
    private const int Right = 74;
    private const int Top = 16;
    private const int Bottom = 40;
    private const int LabelHeight = 15;

    /// <summary>The SVG element.</summary>
    public string ToSvg()
    {
        var points = Series.Max(series => series.Values.Count);
        var (low, high, step) = Ticks(Series.SelectMany(series => series.Values).Min(), Series.SelectMany(series => series.Values).Max());
        double X(int index) => points < 2 ? (Left + Width - Right) / 2.0 : Left + ((double)index * (Width - Left - Right) / (points - 1));
        double Y(double value) => Top + ((high - value) / (high - low) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        Line(svg, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(Title)}\">");
        for (var tick = 0; low + (tick * step) <= high + (step / 2); tick++)
        {
            var value = low + (tick * step);
            Line(svg, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(value):0.#}\" y2=\"{Y(value):0.#}\"/>");
            Line(svg, $"<text class=\"tick\" x=\"{Left - 8}\" y=\"{Y(value) + 4:0.#}\" text-anchor=\"end\">{Text(value)}</text>");
        }

        var stride = Math.Max(1, (points + 9) / 10);
        for (var index = 0; index < points; index += stride)
            Line(svg, $"<text class=\"tick\" x=\"{X(index):0.#}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{index + 1}</text>");
        Line(svg, $"<text class=\"tick\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">epoch</text>");
        foreach (var (number, (name, values)) in Series.Index())
        {
            var index = number % HtmlPage.Colours;
            var line = string.Join(" ", values.Select((value, at) => Point(X(at), Y(value))));
            Line(svg, $"<polyline class=\"line series-{index}\" points=\"{line}\"/>");
            foreach (var (at, value) in values.Index())
            {
                var title = $"<title>{WebUtility.HtmlEncode(name)}, epoch {at + 1}: {Text(value)}</title>";
                Line(svg, $"<circle class=\"dot series-{index}\" cx=\"{X(at):0.#}\" cy=\"{Y(value):0.#}\" r=\"3.5\">{title}</circle>");
            }
        }

        var labels = Series
            .Select((series, index) => (Index: index % HtmlPage.Colours, series.Name, Y: Y(series.Values[^1])))
            .OrderBy(label => label.Y)
            .ToArray();
        double floor = 0;
        foreach (var (index, name, y) in labels)
        {
            // Labels of lines that end close together are pushed apart.
            floor = Math.Max(y + 4, floor + LabelHeight);
            Line(
                svg,
                $"<text class=\"label series-{index}\" x=\"{Width - Right + 10}\" y=\"{floor:0.#}\">{WebUtility.HtmlEncode(name)}</text>"
            );
        }

        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static void Line(StringBuilder svg, FormattableString line) =>
        svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{x:0.#},{y:0.#}");

    private string Text(double value) => value.ToString(Unit, CultureInfo.InvariantCulture);

    // Three to six round steps that contain all values.
    private static (double Low, double High, double Step) Ticks(double minimum, double maximum)
    {
        const int Wanted = 4;
        var span = Math.Max(maximum - minimum, Math.Max(Math.Abs(maximum), 1e-9) * 1e-3);
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(span / Wanted)));
        var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * magnitude).First(candidate => span / candidate <= Wanted + 0.5);
        var (low, high) = (Math.Floor(minimum / step) * step, Math.Ceiling(maximum / step) * step);
        return high > low ? (low, high, step) : (low - step, high + step, step);
    }
}
