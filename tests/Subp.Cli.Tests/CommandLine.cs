using System.Text.Json;
using Subp.Cli.Terminal;

namespace Subp.Cli.Tests;

/// <summary>Runs the real entry point of the tool with captured streams.</summary>
internal sealed record CommandLine(int Code, string Out, string Error)
{
    public static CommandLine Run(params string[] arguments) => Run(CancellationToken.None, arguments);

    public static CommandLine Run(CancellationToken cancellation, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = SubpApplication.Run(
            arguments,
            new TerminalStreams(TextWriter.Synchronized(output), TextWriter.Synchronized(error), ErrorIsLive: false),
            cancellation
        );
        return new CommandLine(code, output.ToString(), error.ToString());
    }

    /// <summary>Requires an exit code and a diagnostic, on one line, without a stack trace.</summary>
    public CommandLine Answers(int code, string id)
    {
        Assert.True(Code == code, $"exit code {Code} instead of {code}: {Error}");
        var last = Error.TrimEnd('\n').Split('\n')[^1];
        Assert.Contains($"error {id}: ", last, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        return this;
    }

    public CommandLine Succeeds()
    {
        Assert.True(Code == 0, $"exit code {Code}: {Error}");
        return this;
    }

    public JsonElement Json() => JsonDocument.Parse(Out).RootElement;
}
