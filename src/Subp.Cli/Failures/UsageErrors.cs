using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Text;

namespace Subp.Cli.Failures;

/// <summary>Answers a command line that does not parse.</summary>
internal static class UsageErrors
{
    /// <summary>Writes what is wrong with the command line.</summary>
    /// <returns>True where something is.</returns>
    public static bool Report(ParseResult parsed, TerminalStreams streams)
    {
        if (parsed.Errors.Count == 0 || parsed.Action is System.CommandLine.Help.HelpAction)
            return false;
        var context = new CommandContext(streams, Verbosity.Normal, json: false, CancellationToken.None);
        var command = parsed.CommandResult.Command;
        var help = command is RootCommand ? "subp --help" : $"subp {command.Name} --help";

        // An unknown command also makes the missing command an error; the first says it all.
        var error = parsed.Errors[0];
        var unknown = parsed.UnmatchedTokens.FirstOrDefault();
        var nearest = unknown is null ? null : Nearest(unknown, command);
        // The parser lists the legal values on lines of their own.
        var message = string.Join(
                " ",
                error.Message.Split(['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            )
            .TrimEnd('.');
        context.Report(
            new Diagnostic(
                DiagnosticDescriptors.Usage,
                "subp",
                message,
                Action: nearest is null ? $"Try '{help}'." : $"Did you mean '{nearest}'? Try '{help}'."
            )
        );
        return true;
    }

    private static string? Nearest(string word, Command command)
    {
        var known = word.StartsWith('-')
            ? command.Options.Concat(RecursiveOptions(command)).Select(option => option.Name)
            : command.Subcommands.Select(sub => sub.Name);
        return Spelling.Nearest(word, known);
    }

    private static IEnumerable<Option> RecursiveOptions(Command command) =>
        command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);
}
