using Subp.Tooling.Failures;

namespace Subp.Cli.Tests.Commands;

public sealed class UsageTests
{
    [Fact]
    public void A_misspelt_command_is_answered_with_the_nearest()
    {
        var answer = CommandLine.Run("complie").Answers(1, "SUBP0801");
        Assert.Contains("Did you mean 'compile'?", answer.Error, StringComparison.Ordinal);
        Assert.Empty(answer.Out);
    }

    [Fact]
    public void A_misspelt_option_is_answered_with_the_nearest() =>
        Assert.Contains(
            "Did you mean '--threads'?",
            CommandLine.Run("compile", "model.subp", "--thread", "2").Answers(1, "SUBP0801").Error,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("compile")]
    [InlineData("compile", "m.subp", "--threads", "0")]
    [InlineData("compile", "m.subp", "--threads", "two")]
    [InlineData("compile", "m.subp", "--isa", "sse2")]
    [InlineData("compile", "m.subp", "--unroll", "sideways")]
    [InlineData("compile", "m.subp", "--namespace", "not-a-name")]
    [InlineData("compile", "m.onnx", "--batch", "0")]
    [InlineData("verify", "m.subp", "--tolerance", "2")]
    [InlineData("bench")]
    [InlineData("bench", "m.subp", "--layer", "16x16k3s1h8w8")]
    [InlineData("bench", "--layer", "16x16", "--threads", "1")]
    [InlineData("bench", "--layer", "16x16k3s1h8w8", "--sparsity", "1")]
    [InlineData("run", "m.dll", "--image", "1", "--input", "x.npy")]
    [InlineData("train", "--model", "resnet5000")]
    [InlineData("train", "--method", "magic")]
    [InlineData("quickstart", "--epochs", "0")]
    public void A_command_line_that_makes_no_sense_is_refused(params string[] arguments) =>
        CommandLine.Run(arguments).Answers(1, "SUBP0801");

    [Fact]
    public void Help_ends_with_command_lines_that_work()
    {
        var help = CommandLine.Run("bench", "--help").Succeeds();
        Assert.Contains("Examples:", help.Out, StringComparison.Ordinal);
        Assert.Contains("subp bench --layer 128x128k3s1h28w28 --sparsity 0.75 --block-length 16", help.Out, StringComparison.Ordinal);
        Assert.Empty(help.Error);
    }

    [Fact]
    public void The_version_names_runtime_and_instruction_sets()
    {
        var version = CommandLine.Run("--version").Succeeds().Out;
        Assert.StartsWith("subp ", version, StringComparison.Ordinal);
        Assert.Contains(".NET", version, StringComparison.Ordinal);
        Assert.Contains("portable", version, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unexpected_exception_becomes_a_diagnostic_that_asks_for_an_issue()
    {
        var diagnostic = FailureReport.Of(new InvalidOperationException("two\nlines."));
        Assert.Equal("SUBP0807", diagnostic.Descriptor.Id);
        Assert.Equal("InvalidOperationException: two lines", diagnostic.Found);
        Assert.Contains("file an issue", diagnostic.Action, StringComparison.Ordinal);
    }
}
