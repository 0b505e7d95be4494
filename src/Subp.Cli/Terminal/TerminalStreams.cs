namespace Subp.Cli.Terminal;

/// <summary>
/// Where a command writes, and what the places can show. Read from the process once, so that no other code asks the environment.
/// </summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Progress, log and diagnostics.</param>
/// <param name="ErrorIsLive">True where <paramref name="Error"/> is a terminal that understands escape sequences and may be drawn
/// over.</param>
internal sealed record TerminalStreams(TextWriter Out, TextWriter Error, bool ErrorIsLive)
{
    /// <summary>
    /// The streams of this process. Escape sequences are allowed on a real terminal only, and never under NO_COLOR or TERM=dumb
    /// (https://no-color.org); Spectre.Console would write them into redirected output as well, which is why this is decided here.
    /// </summary>
    public static TerminalStreams OfProcess()
    {
        Console.Out.NewLine = "\n";
        Console.Error.NewLine = "\n";
        var plain =
            !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("TERM") is null or "dumb");
        return new TerminalStreams(Console.Out, Console.Error, !Console.IsErrorRedirected && !plain);
    }
}
