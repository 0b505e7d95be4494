using Subp.Cli.Commands;

namespace Subp.Cli.Tests.Commands;

/// <summary>An empty word is no file and no folder.</summary>
public sealed class PathOptionTests
{
    [Fact]
    public void Every_option_that_takes_a_file_or_a_folder_refuses_an_empty_word()
    {
        var root = new RootSubpCommand();
        var options =
            from command in root.Subcommands
            from option in command.Options
            where PathOptions.TakesPath(option)
            select (command.Name, Option: option.Name);
        var all = options.ToArray();
        Assert.Contains(("train", "--output"), all);
        Assert.Contains(("experiment", "--results"), all);
        Assert.All(
            all,
            place =>
                Assert.Contains(
                    // Some commands say first that they lack their argument.
                    root.Parse([place.Name, place.Option, ""]).Errors.Concat(root.Parse([place.Name, "x", place.Option, ""]).Errors),
                    error => error.Message.StartsWith(place.Option + " with an empty word", StringComparison.Ordinal)
                )
        );
    }

    [Theory]
    [InlineData("train", "-o", "")]
    [InlineData("quickstart", "-o", " ")]
    [InlineData("shrink", "model.subp", "-o", "")]
    [InlineData("train", "--data-dir", "")]
    public void Such_a_command_line_is_answered_with_SUBP0801(params string[] arguments) =>
        Assert.Contains("with an empty word", CommandLine.Run(arguments).Answers(1, "SUBP0801").Error, StringComparison.Ordinal);
}
