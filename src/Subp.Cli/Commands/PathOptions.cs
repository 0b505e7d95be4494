using System.CommandLine;

namespace Subp.Cli.Commands;

/// <summary>
/// Files and folders have names. An empty word, which an unset variable of a shell becomes, would be the current folder in one command and
/// a failure deep inside another.
/// </summary>
internal static class PathOptions
{
    /// <summary>Makes every option of a command and of the commands below it that takes a file or a folder refuse an empty word.</summary>
    public static void RequireNames(Command command)
    {
        foreach (var option in command.Options.Where(TakesPath))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
                    result.AddError($"{option.Name} with an empty word, expected a {option.HelpName}");
            });
        }

        foreach (var below in command.Subcommands)
            RequireNames(below);
    }

    /// <summary>Whether the value of an option is a file or a folder, which the word says that stands for it in the help.</summary>
    public static bool TakesPath(Option option) =>
        option.HelpName is { } word
        && (word.StartsWith("path", StringComparison.Ordinal) || word.StartsWith("folder", StringComparison.Ordinal));
}
