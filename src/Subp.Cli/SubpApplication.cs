using System.CommandLine;
using Subp.Cli.Commands;
using Subp.Cli.Failures;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Tooling.Failures;
using Subp.Tooling.Files;

namespace Subp.Cli;

/// <summary>The command line as a function: arguments in, text and exit code out. Program.cs and the tests call the same one.</summary>
internal static class SubpApplication
{
    // Long enough for a compilation or a training step to notice, short enough for a user who pressed Ctrl-C.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The arguments, without the name of the program.</param>
    /// <param name="streams">Where it writes.</param>
    /// <param name="cancellation">Asks it to stop.</param>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, TerminalStreams streams, CancellationToken cancellation)
    {
        var root = new RootSubpCommand();
        var parsed = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false });
        if (UsageErrors.Report(parsed, streams))
            return ExitCodes.Usage;

        // Of its own, so that a command inside a long call does not keep Ctrl-C waiting; the parser's own exception handler and signal
        // handler would write stack traces and end without cleaning up.
        var command = Task.Run(() => Invoke(parsed, streams, cancellation), CancellationToken.None);
        try
        {
            command.Wait(cancellation);
        }
        catch (OperationCanceledException)
        {
            // A command that finished all the same has done its work.
            if (!command.Wait(Patience))
            {
                PendingOutputs.DeleteAll();
                streams.Error.WriteLine("cancelled");
                return ExitCodes.Cancelled;
            }
        }

        if (command.Result == ExitCodes.Cancelled)
            streams.Error.WriteLine("cancelled");
        return command.Result;
    }

    private static int Invoke(ParseResult parsed, TerminalStreams streams, CancellationToken cancellation)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = streams.Out,
            Error = streams.Error,
        };
        var context = CommonOptions.Context(parsed, streams, cancellation);
        try
        {
            return parsed.CommandResult.Command is SubpCommand command && !CommonOptions.AsksForHelp(parsed)
                ? command.Execute(parsed, context)
                : parsed.Invoke(configuration);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Cancelled;
        }
        catch (Exception exception)
        {
            return Fail(exception, context);
        }
    }

    private static int Fail(Exception exception, CommandContext context)
    {
        // Work that ran on several threads fails with the failures of all of them; the first one says enough.
        if (exception is AggregateException aggregate)
            exception = aggregate.Flatten().InnerExceptions[0];
        var diagnostic = FailureReport.Of(exception);
        if (context.Verbosity == Verbosity.Diagnostic)
            context.Log(exception.ToString());
        context.Report(diagnostic);
        return diagnostic.Descriptor.Severity == DiagnosticSeverity.Error ? ExitCodes.Of(diagnostic) : ExitCodes.Success;
    }
}
