using System.CommandLine;
using Subp.Cli.Commands;
using Subp.Cli.Failures;
using Subp.Core.Diagnostics;

namespace Subp.Cli.Tests.Commands;

/// <summary>docs/cli.md is printed from the real options, and every diagnostic has an exit code and a page.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public void The_page_of_the_command_line_says_what_the_options_are()
    {
        var page = Path.Combine(RepositoryRoot.Path, "docs", "cli.md");
        var received = Path.Combine(RepositoryRoot.Path, "docs", "cli.received.md");
        var text = Print();
        if (File.Exists(page) && File.ReadAllText(page) == text)
        {
            File.Delete(received);
            return;
        }

        File.WriteAllText(received, text);
        Assert.Fail($"{page} is not what the options say. Read {received} and rename it.");
    }

    [Fact]
    public void Every_diagnostic_has_an_exit_code() =>
        Assert.All(DiagnosticDescriptors.All, descriptor => Assert.InRange(ExitCodes.Of(new Diagnostic(descriptor, "", "")), 1, 5));

    [Fact]
    public void Every_diagnostic_of_the_command_line_has_a_page_with_its_title() =>
        Assert.All(
            DiagnosticDescriptors.All.Where(descriptor => string.CompareOrdinal(descriptor.Id, "SUBP07") > 0),
            descriptor =>
                Assert.StartsWith(
                    $"# {descriptor.Id}: {descriptor.Title}\n",
                    File.ReadAllText(Path.Combine(RepositoryRoot.Path, descriptor.HelpPage)),
                    StringComparison.Ordinal
                )
        );

    private static string Print()
    {
        var root = new RootSubpCommand();
        using var text = new StringWriter();
        text.Write(
            "# The command line\n\nThis page is printed from the options themselves; a test fails where the two differ. `subp <command> "
                + "--help` shows the same.\n\n"
        );
        text.Write("From a clone of the repository, write `dotnet run -c Release --project src/Subp.Cli --` in place of `subp`.\n\n");
        text.Write("## Conventions\n\n");
        text.Write("- Results go to standard output; progress, log and diagnostics to standard error.\n");
        text.Write(
            "- `--json` prints one object with a `schemaVersion`, which changes when a property is renamed, removed or changes its "
                + "meaning.\n"
        );
        text.Write(
            "- No escape sequences and no carriage returns when standard error is redirected, under `NO_COLOR`, `TERM=dumb` or "
                + "`--no-color`.\n"
        );
        text.Write(
            "- Outputs are written under a temporary name beside the target and renamed; a failure or Ctrl-C leaves nothing "
                + "half-written. A run folder of `train` is "
                + "the exception by intent: it keeps the last complete epoch, for `--resume`.\n"
        );
        text.Write(
            "- Nothing is overwritten without `--force`. A folder is replaced only where it is empty or was written by the same command.\n"
        );
        text.Write(
            "- The last line of standard error names the diagnostic that ended a command; [docs/diagnostics](diagnostics) has a page "
                + "for each.\n\n"
        );
        text.Write("## Exit codes\n\n| code | meaning |\n| --- | --- |\n");
        foreach (
            var (code, meaning) in new[]
            {
                (ExitCodes.Success, "everything was done"),
                (ExitCodes.Usage, "the command line, or a path on it, cannot be used"),
                (ExitCodes.InvalidInput, "a model, a recipe or a data set is not valid"),
                (ExitCodes.CompileFailed, "the network cannot be compiled"),
                (ExitCodes.VerificationFailed, "the compiled network does not agree with the reference"),
                (ExitCodes.ThresholdMissed, "a measured figure misses `--fail-under`"),
                (ExitCodes.Cancelled, "Ctrl-C"),
            }
        )
            text.Write($"| {code} | {meaning} |\n");
        text.Write(
            "\nThe number of a diagnostic decides the code; the longest match counts:\n\n| SUBP | about | code |\n| --- | --- | --- |\n"
        );
        foreach (var (band, about, code) in ExitCodes.Bands)
            text.Write($"| {band.PadRight(4, 'x')} | {about} | {code} |\n");
        text.Write("\n## Options of every command\n\n");
        AppendOptions(text, root.Options.Where(option => option.Recursive && option is not System.CommandLine.Help.HelpOption));
        foreach (var command in root.Subcommands.Cast<SubpCommand>())
        {
            text.Write($"\n## subp {command.Name}{string.Concat(command.Arguments.Select(Placeholder))}\n\n");
            text.Write(command.Description + "\n\n");
            foreach (var argument in command.Arguments)
                text.Write($"- `<{argument.Name}>` {argument.Description}\n");
            AppendOptions(text, command.Options);
            text.Write("\n```sh\n");
            foreach (var (line, meaning) in command.Examples)
                text.Write($"{line}  # {meaning}\n");
            text.Write("```\n");
        }

        return text.ToString();
    }

    private static string Placeholder(Argument argument) =>
        argument.Arity.MinimumNumberOfValues > 0 ? $" <{argument.Name}>" : $" [<{argument.Name}>]";

    private static void AppendOptions(StringWriter text, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            var names = string.Join(
                ", ",
                new[] { option.Name }.Concat(option.Aliases.Order(StringComparer.Ordinal)).Select(name => $"`{name}`")
            );
            var value = option.ValueType == typeof(bool) ? "" : $" `<{option.HelpName ?? ValueName(option)}>`";
            var standard = option.HasDefaultValue && option.ValueType != typeof(bool) ? Default(option.GetDefaultValue()) : "";
            text.Write($"- {names}{value} {option.Description}{standard}\n");
        }
    }

    private static string ValueName(Option option) => option.Name.TrimStart('-');

    private static string Default(object? value) =>
        value switch
        {
            null => "",
            string text => $" Default: {text}.",
            System.Collections.IEnumerable many => $" Default: {string.Join(",", many.Cast<object>()).ToLowerInvariant()}.",
            IFormattable number =>
                $" Default: {number.ToString(null, System.Globalization.CultureInfo.InvariantCulture).ToLowerInvariant()}.",
            _ => $" Default: {value}.",
        };
}
