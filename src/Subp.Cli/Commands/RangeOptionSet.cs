using System.CommandLine;
using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Tooling.Text;

namespace Subp.Cli.Commands;

/// <summary>How ranges of values are found, with inputs to measure on and without.</summary>
internal sealed class RangeOptionSet
{
    private static readonly Dictionary<string, RangeMethod> s_methods = new(StringComparer.Ordinal)
    {
        ["min-max"] = RangeMethod.MinMax,
        ["percentile"] = RangeMethod.Percentile,
        ["mse"] = RangeMethod.MeanSquare,
        ["entropy"] = RangeMethod.Entropy,
    };

    private readonly Option<string> _ranges = new("--ranges")
    {
        Description =
            "With --calibration: how the range of a value is chosen from what the inputs give: min-max, percentile (all but one in ten "
            + "thousand), mse (the least squared error) or entropy.",
        HelpName = "method",
        DefaultValueFactory = _ => "min-max",
    };
    private readonly Option<double> _deviations = new("--deviations")
    {
        Description = "Without --calibration: how many deviations from the mean that a batch normalisation holds a range reaches.",
        HelpName = "n",
        DefaultValueFactory = _ => 6,
    };
    private readonly Option<string?> _inputRange = new("--input-range")
    {
        Description =
            "Without --calibration: the smallest and the largest number of the input, as in -2.2,2.7. Default: those of normalised pixels, "
            + "where the network says how it wants them.",
        HelpName = "low,high",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _ranges.AcceptOnlyFromAmong([.. s_methods.Keys]);
        command.Add(_ranges);
        command.Add(_deviations);
        command.Add(_inputRange);
    }

    /// <summary>Requires that no option is given that would change nothing, which is a misunderstanding.</summary>
    /// <param name="arguments">The words of the user.</param>
    /// <param name="hasInputs">Whether there are inputs to measure on.</param>
    /// <exception cref="SubpException">SUBP0801: one is.</exception>
    public void RequireEffect(ParseResult arguments, bool hasInputs)
    {
        bool IsGiven(Option option) => arguments.GetResult(option) is { Implicit: false };
        if (!hasInputs && IsGiven(_ranges))
            throw new SubpException(DiagnosticDescriptors.Usage, _ranges.Name, "no --calibration", "both");
        if (hasInputs && new Option[] { _deviations, _inputRange }.FirstOrDefault(IsGiven) is { } idle)
            throw new SubpException(DiagnosticDescriptors.Usage, idle.Name, "--calibration beside it", "one of the two");
    }

    /// <summary>How a range is chosen from what inputs give.</summary>
    public RangeMethod Method(ParseResult arguments) => s_methods[arguments.GetValue(_ranges)!];

    /// <summary>How many deviations from the mean a range reaches.</summary>
    /// <exception cref="SubpException">SUBP0801: it is no such number.</exception>
    public double Deviations(ParseResult arguments)
    {
        var deviations = arguments.GetValue(_deviations);
        return deviations is > 0 and < 1000
            ? deviations
            : throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--deviations",
                Figures.Short(deviations),
                "a number above 0 and below 1000"
            );
    }

    /// <summary>The range of the input, or null where the user names none.</summary>
    /// <exception cref="SubpException">SUBP0801: it is none.</exception>
    public ValueRange? InputRange(ParseResult arguments)
    {
        if (arguments.GetValue(_inputRange) is not { } text)
            return null;
        var parts = text.Split(',');
        if (
            parts.Length == 2
            && FloatText.TryParse(parts[0].Trim(), out var low)
            && FloatText.TryParse(parts[1].Trim(), out var high)
            && float.IsFinite(low)
            && float.IsFinite(high)
            && low < high
        )
            return new ValueRange(low, high);
        throw new SubpException(
            DiagnosticDescriptors.Usage,
            "--input-range",
            $"'{text}'",
            "two numbers, the smaller first, as in -2.2,2.7"
        );
    }
}
