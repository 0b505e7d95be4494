using System.CommandLine;
using Subp.Cli.Terminal;

namespace Subp.Cli.Commands;

/// <summary>One verb of the command line: its options, its examples and what it does. One file each.</summary>
internal abstract class SubpCommand : Command
{
    /// <summary>Creates the verb.</summary>
    protected SubpCommand(string name, string description)
        : base(name, description) => SetAction(static _ => 0); // Execute is called with its context by SubpApplication.

    /// <summary>Command lines that work, each with what it does, for the help and the documentation.</summary>
    public abstract IReadOnlyList<(string Line, string Meaning)> Examples { get; }

    /// <summary>Does the work.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="Core.Diagnostics.SubpException">It cannot be done; the diagnostic decides the exit code.</exception>
    /// <exception cref="OperationCanceledException">The user stopped it.</exception>
    public abstract int Execute(ParseResult arguments, CommandContext context);
}
