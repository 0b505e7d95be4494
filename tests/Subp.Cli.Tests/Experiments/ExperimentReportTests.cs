using Subp.Cli.Experiments;
using Subp.Cli.Experiments.Report;
using Subp.Cli.Terminal;
using Subp.Training.Recipes;

namespace Subp.Cli.Tests.Experiments;

public sealed class ExperimentReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_font_the_page_is_complete_without_pictures_and_SUBP0584_says_so_once()
    {
        var path = _folder["table.json"];
        File.WriteAllText(path, """{ "title": "Small", "rows": [{ "name": "a" }, { "name": "b", "model": "cifar-resnet20" }] }""");
        var table = ExperimentFile.Read(path);
        foreach (var row in table.Rows)
            File.WriteAllText(_folder[$"{row.Name}-s1.json"], Result(row.Name, row.Model ?? table.Model).Print());

        using var error = new StringWriter { NewLine = "\n" };
        var context = new CommandContext(
            new TerminalStreams(TextWriter.Null, error, ErrorIsLive: false),
            Verbosity.Normal,
            json: false,
            CancellationToken.None
        );
        var rows = ExperimentReport.Write(table, path, _folder.Path, _folder["results.md"], "subp", font: null, context);
        Assert.Equal(2, rows.Count);
        Assert.Single(error.ToString().Split("warning SUBP0584: Pictures are left out").Skip(1));
        var page = File.ReadAllText(_folder["results.md"]);
        Assert.Contains("| a | ", page, StringComparison.Ordinal);
        Assert.Contains("91.25 %", page, StringComparison.Ordinal);
        Assert.DoesNotContain("![", page, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "*.svg"));
        Assert.True(File.Exists(_folder["runs.csv"]));
    }

    private static RunResult Result(string row, string model) =>
        new()
        {
            SchemaVersion = RunResult.CurrentSchema,
            Row = row,
            Model = model,
            Recipe = new TrainingRecipe { Seed = 1 },
            TrainingImages = 128,
            TestImages = 80,
            TestAccuracy = 0.9125,
            AccuracyByEpoch = [0.5, 0.9125],
            KeptMacs = 25,
            DenseMacs = 100,
            KeptWeights = 10,
            DenseWeights = 40,
            AssemblyBytes = 1000,
            DenseAssemblyBytes = 4000,
            Microseconds = 10,
            DenseMicroseconds = 25,
            Speedup = 2.5,
            InstructionSet = "avx2",
            TrainingSeconds = 1,
            Engine = "embedded",
            Machine = "any",
            ToolVersion = "0",
        };
}
