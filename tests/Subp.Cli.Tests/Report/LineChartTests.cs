using System.Xml.Linq;
using Subp.Cli.Report;

namespace Subp.Cli.Tests.Report;

public sealed class LineChartTests
{
    [Theory]
    [InlineData(new[] { 0.5 }, new[] { 0.5 })]
    [InlineData(new[] { 0.1, 0.9, 0.95 }, new[] { 0.2, 0.85, 0.9499 })]
    [InlineData(new[] { 0.0, 0.0 }, new[] { 0.0, 0.0 })]
    [InlineData(new[] { 2.3, 1e-6 }, new[] { 1000.0, 3.0 })]
    public void A_chart_is_well_formed_and_keeps_every_point_inside(double[] left, double[] right)
    {
        var svg = XElement.Parse(new LineChart("loss & more", "0.00", [("dense", left), ("sparse", right)]).ToSvg());
        var dots = svg.Elements("circle").ToArray();
        Assert.Equal(left.Length + right.Length, dots.Length);
        foreach (var dot in dots)
        {
            Assert.InRange((double)dot.Attribute("cx")!, 0, 520);
            Assert.InRange((double)dot.Attribute("cy")!, 0, 280);
        }

        var labels = svg.Elements("text")
            .Where(text => ((string)text.Attribute("class")!).StartsWith("label", StringComparison.Ordinal))
            .Select(text => (double)text.Attribute("y")!)
            .ToArray();
        Assert.True(Math.Abs(labels[0] - labels[1]) >= 14.9);
    }
}
