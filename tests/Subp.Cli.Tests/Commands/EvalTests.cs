using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

/// <summary>The accuracy of networks, by compiled code and by the reference interpreter.</summary>
[Trait("speed", "slow")]
public sealed class EvalTests : IDisposable
{
    private static readonly string s_network = Path.Combine(RepositoryRoot.Path, "generated-samples", "models", "fashion.subp");

    private static readonly string s_data = Path.Combine(RepositoryRoot.Path, "data", "fashion-mnist");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_network_is_compiled_in_memory_and_as_good_as_the_interpreter_says()
    {
        var compiled = CommandLine.Run("eval", s_network, "--images", "100", "--json").Succeeds().Json();
        var interpreted = CommandLine.Run("eval", s_network, "--images", "100", "--interpreter", "--json").Succeeds().Json();
        Assert.EndsWith(" code", compiled.GetProperty("by").GetString(), StringComparison.Ordinal);
        Assert.Equal("the reference interpreter", interpreted.GetProperty("by").GetString());
        Assert.Equal(100, compiled.GetProperty("images").GetInt32());
        Assert.InRange(compiled.GetProperty("accuracy").GetDouble(), 0.8, 1);
        Assert.Equal(interpreted.GetProperty("accuracy").GetDouble(), compiled.GetProperty("accuracy").GetDouble());

        CommandLine.Run("compile", s_network, "--threads", "2", "-o", _folder["fashion.dll"]).Succeeds();
        var assembly = CommandLine.Run("eval", _folder["fashion.dll"], "--images", "100", "--json").Succeeds().Json();
        Assert.Equal(compiled.GetProperty("accuracy").GetDouble(), assembly.GetProperty("accuracy").GetDouble());
        CommandLine.Run("eval", _folder["fashion.dll"], "--interpreter").Answers(1, "SUBP0801");
    }

    [Theory]
    [InlineData("--pixels")]
    [InlineData("--strict-int8")]
    public void A_change_is_judged_on_images_as_each_network_takes_them(string option)
    {
        var answer = CommandLine
            .Run(
                "quantize",
                s_network,
                option,
                "--calibration",
                s_data,
                "--calibration-images",
                "100",
                "--eval",
                "--images",
                "200",
                "-o",
                _folder["bytes.subp"],
                "--json"
            )
            .Succeeds()
            .Json()
            .GetProperty("accuracy");
        Assert.Equal(200, answer.GetProperty("images").GetInt32());
        var (before, after) = (answer.GetProperty("before").GetDouble(), answer.GetProperty("after").GetDouble());
        Assert.InRange(after, before - 0.03, before + 0.03);
    }
}
