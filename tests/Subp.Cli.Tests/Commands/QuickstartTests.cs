using System.Text.RegularExpressions;
using Subp.Testing;

namespace Subp.Cli.Tests.Commands;

[Trait("speed", "slow")]
public sealed partial class QuickstartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_reduced_quickstart_goes_the_whole_way_and_its_report_leads_nowhere_outside_and_only_to_files_that_exist()
    {
        var answer = CommandLine
            .Run(
                "quickstart",
                "-o",
                _folder["q"],
                "--epochs",
                "1",
                "--seed",
                "7",
                "--limit-train-images",
                "128",
                "--limit-test-images",
                "16",
                "--rounds",
                "2"
            )
            .Succeeds();
        foreach (
            var row in new[]
            {
                "test accuracy",
                "kept weights",
                "MACs per image",
                "DLL size",
                "us per image, 1 thread",
                "us per image, 2 threads",
            }
        )
            Assert.Contains(row, answer.Out, StringComparison.Ordinal);
        Assert.Equal(["q"], _folder.Names);
        Assert.All(
            ["dense", "sparse"],
            run => Assert.Contains("\"seed\": 7", File.ReadAllText(_folder[$"q/{run}/run/recipe.json"]), StringComparison.Ordinal)
        );

        var report = File.ReadAllText(_folder["q/report.html"]);
        Assert.DoesNotContain("http", report, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", report, StringComparison.Ordinal);
        Assert.Equal(2, report.Split("<svg").Length - 1);
        var links = Link().Matches(report).Select(match => match.Groups["target"].Value).ToArray();
        Assert.True(links.Length > 10);
        Assert.All(links, link => Assert.True(Path.Exists(Path.Combine(_folder["q"], link)), link));

        var label = CommandLine.Run("run", _folder["q/sparse/FashionResnet8Sparse.dll"], "--image", "0").Succeeds();
        Assert.StartsWith("label: ", label.Out, StringComparison.Ordinal);
        CommandLine.Run("verify", _folder["q/dense/FashionResnet8Dense.dll"], "--images", "4", "--threads", "1").Succeeds();
    }

    [GeneratedRegex("href=\"(?<target>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
