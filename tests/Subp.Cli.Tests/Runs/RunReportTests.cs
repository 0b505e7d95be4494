using System.Text.RegularExpressions;
using System.Xml.Linq;
using Subp.Testing;

namespace Subp.Cli.Tests.Runs;

/// <summary>The page of a finished run and the comparison of several, on trainings of a few steps.</summary>
[Trait("speed", "slow")]
public sealed class RunReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_finished_run_leaves_a_page_and_runs_are_put_side_by_side()
    {
        Train("dense", "--method", "dense", "--rounds", "0");
        Train("sparse", "--rounds", "3");
        Train("tuned", "--init", _folder["dense"], "--rounds", "2");

        // Without timing the page has the curves and says that nothing was compiled.
        var dense = Page("dense/report.html");
        Assert.Equal(2, dense.Descendants("svg").Count());
        Assert.Contains("were not compiled and timed", dense.Value, StringComparison.Ordinal);
        var sparse = Page("sparse/report.html");
        Assert.Equal(4, sparse.Descendants("svg").Count());
        Assert.Equal(["Compiled", "Pruned blocks of every layer", "Recipe", "Training"], Heads(sparse).Order(StringComparer.Ordinal));
        foreach (var row in new[] { "test accuracy", "MACs per image", "weights of convolutions", "us per image", "not trained here" })
            Assert.Contains(row, sparse.Value, StringComparison.Ordinal);
        Assert.Contains("stage3.conv2", sparse.Value, StringComparison.Ordinal);
        // A run that started from trained weights has an accuracy to compare with.
        var tuned = Page("tuned/report.html");
        Assert.DoesNotContain("not trained here", tuned.Value, StringComparison.Ordinal);
        Assert.Matches(new Regex(@"test accuracy[\d.]+ %[\d.]+ %[-+][\d.]+ points"), tuned.Value);

        var answer = Compare("dense", "sparse", "--rounds", "3").Succeeds();
        Assert.Matches(new Regex(@"(?m)^sparse +fashion-resnet8 +subp +75.0 % +2 +[\d.]+ % +[-+][\d.]+ points"), answer.Out);
        Assert.Contains("as fast as the first", answer.Out, StringComparison.Ordinal);
        var page = Page("compare.html");
        Assert.Equal(4, page.Descendants("svg").Count());
        Assert.Contains("Where the recipes differ", page.Value, StringComparison.Ordinal);
        Assert.Contains("Where the runs were computed", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, page.Value, StringComparison.Ordinal);

        Compare("dense", "sparse").Answers(1, "SUBP0802");
        var json = Compare("dense", "sparse", "tuned", "--rounds", "0", "--json", "--force").Succeeds().Json().GetProperty("runs");
        Assert.Equal(["dense", "sparse", "tuned"], json.EnumerateArray().Select(run => run.GetProperty("name").GetString()));
        Assert.True(json[1].GetProperty("keptMacs").GetInt64() < json[0].GetProperty("keptMacs").GetInt64() / 2);

        // Two folders of one name are told apart by their paths.
        Directory.CreateDirectory(_folder["other"]);
        Copy("sparse", "other/sparse");
        var both = Compare("sparse", "other/sparse", "--rounds", "0", "--force").Succeeds();
        Assert.Contains("other/sparse ", both.Out, StringComparison.Ordinal);

        RefusesWhatCannotBeCompared();
    }

    private void RefusesWhatCannotBeCompared()
    {
        Compare("dense", "nowhere", "--force").Answers(2, "SUBP0590");
        Compare("dense", "other", "--force").Answers(2, "SUBP0590");
        CommandLine.Run("compare", _folder["dense"]).Answers(1, "SUBP0801");

        CommandLine.Run("train", "--fast-dev-run", "-b", "32", "--max-steps", "5", "-o", _folder["stopped"]).Succeeds();
        var unfinished = Compare("dense", "stopped", "--force").Answers(2, "SUBP0591").Error;
        Assert.Contains("found 1 of 2 epochs", unfinished, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["stopped/report.html"]));
        File.Move(_folder["other/sparse/model.subp"], _folder["model.subp"]);
        Compare("dense", "other/sparse", "--force").Answers(2, "SUBP0591");
        File.Move(_folder["model.subp"], _folder["other/sparse/model.subp"]);

        var data = File.ReadAllText(_folder["other/sparse/data.json"]);
        File.WriteAllText(
            _folder["other/sparse/data.json"],
            data.Replace("\"trainingImages\": 128", "\"trainingImages\": 129", StringComparison.Ordinal)
        );
        var differs = Compare("dense", "other/sparse", "--force").Answers(2, "SUBP0592").Error;
        Assert.Contains("found images to train with: 129, expected 128, as in", differs, StringComparison.Ordinal);
        File.WriteAllText(_folder["other/sparse/data.json"], Regex.Replace(data, "\"testLabels\": \"..", "\"testLabels\": \"zz"));
        Compare("dense", "other/sparse", "--force").Answers(2, "SUBP0592");
        // A folder of an older version has no such file.
        File.Delete(_folder["other/sparse/data.json"]);
        File.Delete(_folder["other/sparse/env.json"]);
        Compare("dense", "other/sparse", "--rounds", "0", "--force").Succeeds();
    }

    private void Train(string folder, params string[] more) =>
        CommandLine.Run(["train", "--fast-dev-run", "-b", "32", "-o", _folder[folder], .. more]).Succeeds();

    private CommandLine Compare(params string[] arguments) =>
        CommandLine.Run([
            "compare",
            .. arguments.Select(
                (word, index) => word.StartsWith('-') || (index > 0 && arguments[index - 1] == "--rounds") ? word : _folder[word]
            ),
            "-o",
            _folder["compare.html"],
        ]);

    // Well-formed but for what only HTML has.
    private XElement Page(string path)
    {
        var text = File.ReadAllText(_folder[path]);
        Assert.DoesNotContain("http", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
        var from = text.IndexOf("<body>", StringComparison.Ordinal);
        return XElement.Parse(text[from..(text.IndexOf("</body>", StringComparison.Ordinal) + "</body>".Length)]);
    }

    private static IEnumerable<string> Heads(XElement page) => page.Descendants("h2").Select(head => head.Value);

    private void Copy(string from, string to)
    {
        Directory.CreateDirectory(_folder[to]);
        foreach (var file in Directory.EnumerateFiles(_folder[from]))
            File.Copy(file, Path.Combine(_folder[to], Path.GetFileName(file)));
    }
}
