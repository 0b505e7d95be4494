using System.Globalization;

namespace WebApi.Load.Scenarios;

/// <summary>What a scenario measured, and what it found wrong.</summary>
/// <param name="title">What was done, in one line.</param>
public sealed class Report(string title)
{
    private readonly List<string> _lines = [];
    private readonly List<string> _failures = [];

    /// <summary>What was done.</summary>
    public string Title { get; } = title;

    /// <summary>The figures, a line each.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>What does not hold; empty where all is well.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Adds a line of figures.</summary>
    public void Add(FormattableString line) => _lines.Add(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Notes a failure where a condition does not hold.</summary>
    public void Require(bool holds, FormattableString failure)
    {
        if (!holds)
            _failures.Add(failure.ToString(CultureInfo.InvariantCulture));
    }
}
