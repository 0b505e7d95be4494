using Subp.Core.Diagnostics;
using Subp.Tooling.Progress;

namespace Subp.Cli.Terminal;

/// <summary>What every command gets besides its options: where to write, how much, and when to stop.</summary>
internal sealed class CommandContext(TerminalStreams streams, Verbosity verbosity, bool json, CancellationToken cancellation) : IWorkLog
{
    /// <summary>Where results go; nothing else may be written here.</summary>
    public TextWriter Out => streams.Out;

    /// <summary>Whether the result is one JSON object.</summary>
    public bool Json => json;

    /// <summary>How much is written to standard error.</summary>
    public Verbosity Verbosity => verbosity;

    /// <inheritdoc/>
    /// <remarks>Ctrl-C sets it.</remarks>
    public CancellationToken Cancellation => cancellation;

    /// <summary>A context that writes nothing but errors, for processes that work for another one's user.</summary>
    public CommandContext Silent() => new(streams with { Out = TextWriter.Null }, Verbosity.Quiet, json: false, cancellation);

    /// <inheritdoc/>
    public void Log(string line) => Write(Verbosity.Normal, line);

    /// <inheritdoc/>
    public void Detail(string line) => Write(Verbosity.Detailed, line);

    /// <inheritdoc/>
    /// <remarks>Errors are written even when quiet.</remarks>
    public void Report(Diagnostic diagnostic)
    {
        var needed = diagnostic.Descriptor.Severity switch
        {
            DiagnosticSeverity.Error => Verbosity.Quiet,
            DiagnosticSeverity.Warning => Verbosity.Minimal,
            _ => Verbosity.Normal,
        };
        Write(needed, streams.ErrorIsLive ? Paint(diagnostic) : diagnostic.ToString());
    }

    /// <inheritdoc/>
    /// <remarks>With a bar on a terminal, and with plain lines otherwise.</remarks>
    public void WithProgress(string title, Action<ProgressReport> work)
    {
        if (verbosity < Verbosity.Normal)
            work(static (_, _) => { });
        else if (streams.ErrorIsLive)
            LiveProgress.Run(streams.Error, title, work);
        else
            new PlainProgress(streams.Error, title).Run(work);
    }

    private void Write(Verbosity needed, string line)
    {
        if (verbosity >= needed)
            streams.Error.WriteLine(line);
    }

    private static string Paint(Diagnostic diagnostic)
    {
        var (word, color) = diagnostic.Descriptor.Severity switch
        {
            DiagnosticSeverity.Error => ("error ", 31),
            DiagnosticSeverity.Warning => ("warning ", 33),
            _ => ("info ", 36),
        };
        var head = word + diagnostic.Descriptor.Id;
        return diagnostic.ToString().Replace(head, FormattableString.Invariant($"\e[{color}m{head}\e[0m"), StringComparison.Ordinal);
    }
}
