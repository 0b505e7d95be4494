using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Subp.Cli.Compression;

/// <summary>A number with a unit, as <c>4ms</c> or <c>2.5MB</c>.</summary>
/// <param name="Value">In the unit that stands for one.</param>
/// <param name="Text">As it was written.</param>
internal sealed record Amount(double Value, string Text)
{
    /// <summary>An option that takes an amount.</summary>
    /// <param name="name">The name of the option.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="units">The units and their factors, the longest first.</param>
    public static Option<Amount?> Option(string name, string description, params (string Unit, double Factor)[] units) =>
        new(name)
        {
            Description = description,
            HelpName = "amount",
            CustomParser = result => Read(result, name, units),
        };

    private static Amount? Read(ArgumentResult result, string name, (string Unit, double Factor)[] units)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        foreach (var (unit, factor) in units)
        {
            if (
                word.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(
                    word.AsSpan(0, word.Length - unit.Length),
                    NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var value
                )
                && value > 0
            )
                return new Amount(value * factor, word);
        }

        result.AddError(
            $"{name} {word}, expected a number above 0 with one of the units {string.Join(", ", units.Select(unit => unit.Unit))}"
        );
        return null;
    }
}
