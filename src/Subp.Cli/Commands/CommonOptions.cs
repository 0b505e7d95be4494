using System.CommandLine;
using Subp.Cli.Terminal;

namespace Subp.Cli.Commands;

/// <summary>The options that mean the same in every command that has them.</summary>
internal static class CommonOptions
{
    /// <summary>The name of the option that asks for one JSON object.</summary>
    public const string JsonName = "--json";

    /// <summary>Errors only on standard error.</summary>
    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Write nothing but errors to standard error.",
        Recursive = true,
    };

    /// <summary>How much goes to standard error.</summary>
    public static readonly Option<Verbosity> Level = new("--verbosity", "-v")
    {
        Description = "How much to write to standard error: quiet, minimal, normal, detailed or diagnostic (with stack traces).",
        HelpName = "level",
        DefaultValueFactory = _ => Verbosity.Normal,
        Recursive = true,
    };

    /// <summary>No escape sequences.</summary>
    public static readonly Option<bool> NoColor = new("--no-color")
    {
        Description = "No colours and no progress bars; the same as NO_COLOR=1, TERM=dumb or redirected output.",
        Recursive = true,
    };

    /// <summary>One JSON object instead of text.</summary>
    public static Option<bool> Json() => new(JsonName) { Description = "Print the result as one JSON object with a schemaVersion." };

    /// <summary>Leave to overwrite.</summary>
    public static Option<bool> Force() => new("--force", "-f") { Description = "Replace outputs that exist." };

    /// <summary>Where results go.</summary>
    public static Option<string?> Output(string description) => new("--output", "-o") { Description = description, HelpName = "path" };

    /// <summary>Where the images are.</summary>
    public static Option<string?> DataDirectory(string also = "") =>
        new("--data-dir")
        {
            Description = $"A folder with the four idx files of MNIST or Fashion-MNIST{also}. Default: the bundled images.",
            HelpName = "folder",
        };

    /// <summary>What the recursive options say.</summary>
    public static CommandContext Context(ParseResult parsed, TerminalStreams streams, CancellationToken cancellation)
    {
        var json = parsed.CommandResult.Command.Options.OfType<Option<bool>>().FirstOrDefault(option => option.Name == JsonName);
        return new CommandContext(
            parsed.GetValue(NoColor) ? streams with { ErrorIsLive = false } : streams,
            parsed.GetValue(Quiet) ? Verbosity.Quiet : parsed.GetValue(Level),
            json is not null && parsed.GetValue(json),
            cancellation
        );
    }

    /// <summary>True where the parser itself has something to print: help or the version.</summary>
    public static bool AsksForHelp(ParseResult parsed) => parsed.Action is not null && parsed.Action != parsed.CommandResult.Command.Action;
}
