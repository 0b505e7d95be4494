using System.CommandLine;
using Subp.Core.Diagnostics;

namespace Subp.Cli.Commands;

/// <summary>Options that the user wrote, unlike those that stand at their defaults.</summary>
internal static class GivenOptions
{
    /// <summary>True where the user wrote the option.</summary>
    public static bool Has(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    /// <summary>Refuses options that would change nothing: whoever wrote them would believe that they had.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="options">The options.</param>
    /// <param name="found">What they are given for.</param>
    /// <param name="expected">What they are for.</param>
    /// <exception cref="SubpException">SUBP0801: one of them was written.</exception>
    public static void Refuse(ParseResult arguments, IEnumerable<Option> options, string found, string expected)
    {
        if (options.FirstOrDefault(option => Has(arguments, option)) is { } given)
            throw new SubpException(DiagnosticDescriptors.Usage, given.Name, found, expected);
    }
}
