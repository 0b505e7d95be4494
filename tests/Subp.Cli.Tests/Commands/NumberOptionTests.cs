using System.CommandLine;
using System.Globalization;
using Subp.Cli.Commands;

namespace Subp.Cli.Tests.Commands;

/// <summary>Real numbers on the command line mean the same in every culture.</summary>
public sealed class NumberOptionTests
{
    [Theory]
    [InlineData("de-DE")]
    [InlineData("fr-FR")]
    [InlineData("en-US")]
    public void A_point_separates_decimals_in_every_culture(string culture)
    {
        // Of this thread alone: other tests run at the same time.
        var previous = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Assert.Contains(
                "\"sparsity\": 0.75",
                CommandLine.Run("train", "--dry-run", "--sparsity", "0.75").Succeeds().Out,
                StringComparison.Ordinal
            );
            CommandLine.Run("train", "--dry-run", "--sparsity", "0,75").Answers(1, "SUBP0801");
        }
        finally
        {
            CultureInfo.CurrentCulture = previous;
        }
    }

    [Fact]
    public void Every_option_of_a_real_number_is_read_by_us()
    {
        var options = Commands(new RootSubpCommand()).SelectMany(command => command.Options).ToArray();
        var real = options.OfType<Option<double>>().Select(option => (option.Name, option.CustomParser is not null));
        var optional = options.OfType<Option<double?>>().Select(option => (option.Name, option.CustomParser is not null));
        var all = real.Concat(optional).ToArray();
        Assert.Contains("--tolerance", all.Select(option => option.Name));
        Assert.All(all, option => Assert.True(option.Item2, option.Name));
        Assert.DoesNotContain(options, option => option.ValueType == typeof(float) || option.ValueType == typeof(decimal));
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);
}
