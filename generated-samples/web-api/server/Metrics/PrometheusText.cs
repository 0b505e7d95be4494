using System.Globalization;
using System.Text;

namespace WebApi.Metrics;

/// <summary>Builds the text format of Prometheus.</summary>
public sealed class PrometheusText
{
    private readonly StringBuilder _text = new();

    /// <summary>Writes a counter without labels.</summary>
    public void Counter(string name, string help, double value) => Single(name, help, "counter", value);

    /// <summary>Writes a gauge without labels.</summary>
    public void Gauge(string name, string help, double value) => Single(name, help, "gauge", value);

    /// <summary>Begins a metric whose lines follow by <see cref="Line"/>.</summary>
    public void Head(string name, string help, string type) =>
        _text
            .Append("# HELP ")
            .Append(name)
            .Append(' ')
            .Append(help)
            .Append("\n# TYPE ")
            .Append(name)
            .Append(' ')
            .Append(type)
            .Append('\n');

    /// <summary>Writes one value.</summary>
    /// <param name="name">The name, with its labels in braces.</param>
    /// <param name="value">The value.</param>
    public void Line(string name, double value) =>
        _text.Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private void Single(string name, string help, string type, double value)
    {
        Head(name, help, type);
        Line(name, value);
    }
}
