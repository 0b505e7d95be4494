using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Core.Diagnostics;

namespace Subp.Cli.Commands;

/// <summary>A predicted time as a budget, and the multiply-add peak that it is predicted with.</summary>
/// <param name="description">What the time is for.</param>
internal sealed class LatencyOptionSet(string description)
{
    private readonly Option<Amount?> _latency = Amount.Option("--latency", description, ("ms", 1e3), ("us", 1), ("s", 1e6));
    private readonly Option<double?> _peak = new("--peak")
    {
        Description =
            "With --latency: the multiply-add peak of one thread in GFLOP/s. Default: that of this processor, measured in a second.",
        HelpName = "gflops",
    };

    /// <summary>The option of the time.</summary>
    public Option Option => _latency;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_latency);
        command.Add(_peak.Positive());
    }

    /// <summary>The time, in microseconds; null where none is asked for.</summary>
    public Amount? Budget(ParseResult arguments) => arguments.GetValue(_latency);

    /// <summary>The peak, or null to measure it.</summary>
    public double? Peak(ParseResult arguments) => arguments.GetValue(_peak);

    /// <summary>Requires a time where a peak is given.</summary>
    /// <exception cref="SubpException">SUBP0801: there is none, and the peak would change nothing.</exception>
    public void RequireEffect(ParseResult arguments)
    {
        if (Peak(arguments) is not null && Budget(arguments) is null)
            throw new SubpException(DiagnosticDescriptors.Usage, _peak.Name, $"no {_latency.Name}", "both");
    }
}
