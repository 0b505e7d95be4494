using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Subp.Cli.Commands;

/// <summary>
/// Numbers with a point, read the same on every machine. The parser itself reads them as the culture of the user writes them, where a point
/// may separate thousands: <c>--tolerance 0.5</c> would mean 5 in German.
/// </summary>
internal static class NumberOptions
{
    /// <summary>Makes every option of a command and of the commands below it read real numbers invariantly.</summary>
    public static void ReadInvariantly(Command command)
    {
        foreach (var option in command.Options)
        {
            if (option is Option<double> real)
                real.CustomParser = result => Read(result, real.Name) ?? 0;
            else if (option is Option<double?> optional)
                optional.CustomParser = result => Read(result, optional.Name);
        }

        foreach (var below in command.Subcommands)
            ReadInvariantly(below);
    }

    private static double? Read(ArgumentResult result, string name)
    {
        var word = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return value;
        result.AddError($"{name} {word}, expected a number such as 0.5");
        return null;
    }
}
