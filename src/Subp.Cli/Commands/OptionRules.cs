using System.CommandLine;
using System.Globalization;

namespace Subp.Cli.Commands;

/// <summary>Ranges of options. They look at the words of the user only: where there are none, the default is right by itself.</summary>
internal static class OptionRules
{
    /// <summary>Requires a whole number of at least <paramref name="minimum"/> and at most <paramref name="maximum"/>.</summary>
    public static T AtLeast<T>(this T option, int minimum, int maximum = int.MaxValue)
        where T : Option =>
        option.Check(
            word =>
                !int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                || (value >= minimum && value <= maximum),
            maximum == int.MaxValue
                ? FormattableString.Invariant($"a whole number of at least {minimum}")
                : FormattableString.Invariant($"a whole number from {minimum} to {maximum}")
        );

    /// <summary>Requires a number from 0 to 1, perhaps without 1 itself.</summary>
    public static T Share<T>(this T option, bool withOne)
        where T : Option =>
        option.Check(
            word =>
                !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || (value >= 0 && (withOne ? value <= 1 : value < 1)),
            withOne ? "a number from 0 to 1" : "a number from 0 to below 1"
        );

    /// <summary>Requires a finite number above 0.</summary>
    public static T Positive<T>(this T option)
        where T : Option =>
        option.Check(
            word =>
                !double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                || (value > 0 && double.IsFinite(value)),
            "a number above 0"
        );

    // Words that are no numbers at all are the parser's to refuse.
    private static T Check<T>(this T option, Func<string, bool> holds, string expected)
        where T : Option
    {
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !holds(token.Value)))
                result.AddError($"{option.Name} {token.Value}, expected {expected}");
        });
        return option;
    }
}
