using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Subp.Cli.Commands;

/// <summary>The help of the parser, followed by command lines that work: most people read those first and only.</summary>
internal sealed class ExampleHelp(HelpAction inner) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        inner.MaxWidth = 110;
        var result = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is SubpCommand command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var (line, meaning) in command.Examples)
            {
                output.WriteLine($"  # {meaning}");
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return result;
    }
}
