using System.Text.Json.Nodes;
using Subp.Cli.Experiments.Report;
using Subp.Testing;

namespace Subp.Cli.Tests.Experiments;

/// <summary>Experiments from end to end, on so few images that a run is a matter of seconds.</summary>
public sealed class ExperimentRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public void Runs_that_have_a_result_are_not_done_again_and_shards_together_do_all()
    {
        var table = Table(
            """
            "seeds": [1, 2],
            "rows": [{ "name": "dense", "recipe": { "method": "dense" } }, { "name": "sparse", "label": "SUBP, 75 %", "seeds": [2] }],
            "goals": [{ "text": "something", "row": "sparse", "against": "dense", "atLeast": -1 }]
            """
        );
        Run(table, "--shard", "0/2").Succeeds();
        Assert.Equal(["dense-s1.json", "dense-s2.json"], Results());

        // A result that is there is believed: with another accuracy in it, the table has that accuracy.
        var first = JsonNode.Parse(File.ReadAllText(Result("dense-s1")))!;
        first["testAccuracy"] = 0.75;
        var second = JsonNode.Parse(File.ReadAllText(Result("dense-s2")))!;
        second["testAccuracy"] = 0.5;
        File.WriteAllText(Result("dense-s1"), first.ToJsonString());
        File.WriteAllText(Result("dense-s2"), second.ToJsonString());
        var rows = Run(table, "--json").Succeeds().Json().GetProperty("rows");
        Assert.Equal(["dense-s1.json", "dense-s2.json", "sparse-s2.json"], Results());
        Assert.Equal(0.625, rows[0].GetProperty("testAccuracy").GetDouble());
        Assert.Equal(0.125, rows[0].GetProperty("spread").GetDouble());

        var page = File.ReadAllText(Path.Combine(_folder["table"], "results.md"));
        Assert.Contains("| dense | 2 | 62.50 % +- 12.50 |", page, StringComparison.Ordinal);
        Assert.Contains("| something | ", page, StringComparison.Ordinal);
        Assert.Contains("points | met |", page, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, page, StringComparison.Ordinal);
        Assert.Equal(4, File.ReadAllLines(Path.Combine(_folder["table"], "runs.csv")).Length);

        var sparse = JsonNode.Parse(File.ReadAllText(Result("sparse-s2")))!;
        Assert.True((long)sparse["keptMacs"]! < (long)sparse["denseMacs"]! / 2);
        Assert.True((long)sparse["assemblyBytes"]! < (long)sparse["denseAssemblyBytes"]!);
        if (PlotFont.Find() is null)
            return;
        Assert.Contains("](accuracy-fashion-resnet8.svg)", page, StringComparison.Ordinal);
        Assert.Contains(
            "SUBP, 75 %",
            File.ReadAllText(Path.Combine(_folder["table"], "accuracy-fashion-resnet8.svg")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_run_that_was_stopped_goes_on_and_ends_as_one_that_was_not()
    {
        // An epoch takes a tenth of a second: so many are left that on a busy machine the watcher, too, comes before the end.
        var table = Table("""{ "name": "sparse", "recipe": { "epochs": 12 } }""", rows: true);
        using var stop = new CancellationTokenSource();
        using var ended = new ManualResetEventSlim();
        var checkpoint = Path.Combine(_folder["table"], "runs", "sparse-s1", "last.ckpt");
        // A thread of its own: on that of a pool, which other tests keep busy, the run can be over before anybody looks.
        var watcher = new Thread(() =>
        {
            while (!ended.Wait(TimeSpan.FromMilliseconds(5)))
            {
                if (!File.Exists(checkpoint))
                    continue;
                stop.Cancel();
                return;
            }
        });
        watcher.Start();
        var stopped = CommandLine.Run(stop.Token, "experiment", table, "--threads", "1", "--rounds", "2");
        ended.Set();
        watcher.Join();
        Assert.Equal(130, stopped.Code);
        Assert.Empty(Results());
        Run(table).Succeeds();
        var resumed = JsonNode.Parse(File.ReadAllText(Result("sparse-s1")))!["accuracyByEpoch"]!.ToJsonString();

        Directory.Delete(_folder["table"], recursive: true);
        Run(table).Succeeds();
        Assert.Equal(JsonNode.Parse(File.ReadAllText(Result("sparse-s1")))!["accuracyByEpoch"]!.ToJsonString(), resumed);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_row_starts_from_the_run_of_another_and_learns_from_it()
    {
        var table = Table(
            """
            { "name": "dense", "recipe": { "method": "dense" } },
            {
                "name": "tuned", "init": "dense", "teacher": "dense",
                "recipe": { "method": "1xn", "rearrange": true, "distillation": 0.5, "scheduleEnd": 0 }
            },
            { "name": "thin", "recipe": { "method": "filter", "sparsity": 0.5 } }
            """,
            rows: true
        );
        // Without the run that it starts from, a shard says which one it waits for.
        Run(table, "--shard", "1/3").Answers(2, "SUBP0580");
        Run(table).Succeeds();
        var tuned = JsonNode.Parse(File.ReadAllText(Result("tuned-s1")))!;
        Assert.Equal("dense", (string?)tuned["init"]);
        Assert.Equal("dense", (string?)tuned["teacher"]);
        Assert.True((long)tuned["keptMacs"]! < (long)tuned["denseMacs"]! / 2);
        var thin = JsonNode.Parse(File.ReadAllText(Result("thin-s1")))!;
        Assert.InRange((double)(long)thin["keptMacs"]! / (long)thin["denseMacs"]!, 0.2, 0.3);
        Assert.Equal((long)thin["keptWeights"]!, Weights(Path.Combine(_folder["table"], "runs", "thin-s1")));

        // Results travel without the networks that they are about, and then the message says what to do.
        Directory.Delete(Path.Combine(_folder["table"], "runs", "dense-s1"), recursive: true);
        File.Delete(Result("tuned-s1"));
        var answer = Run(table).Answers(2, "SUBP0580");
        Assert.Contains("the result dense-s1.json without the folder of its run", answer.Error, StringComparison.Ordinal);
        Assert.Contains($"remove {Result("dense-s1")}", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Trained_networks_are_compressed_without_training_and_a_grid_of_them_is_a_table_of_the_page()
    {
        var table = Table(
            """
            "rows": [{ "name": "dense", "recipe": { "method": "dense" } }],
            "grids": [
                {
                    "name": "g", "title": "Smaller", "text": ["What was done."], "of": ["dense"],
                    "rows": [
                        { "name": "channels", "label": "half the channels", "channels": 0.5 },
                        { "name": "blocks", "sparsity": 0.5 },
                        { "name": "bits", "bits": [2, 6] }
                    ],
                    "columns": [{ "name": "none", "restore": "none" }, { "name": "data", "calibration": 20, "compensate": "moments" }]
                }
            ],
            "goals": [{ "text": "something", "row": "g-bits-data-dense", "against": "dense", "atLeast": -1 }]
            """
        );
        // Nothing is compressed that is not trained.
        Run(table, "--rows", "g-bits-*").Answers(2, "SUBP0580");
        Run(table, "--rows", "dense", "--rows", "g-*-none-dense").Succeeds();
        Assert.Equal(
            ["dense-s1.json", "g-bits-none-dense-s1.json", "g-blocks-none-dense-s1.json", "g-channels-none-dense-s1.json"],
            Results()
        );
        Assert.Contains("Did you mean", Run(table, "--rows", "g-bits-nun-dense").Answers(1, "SUBP0801").Error, StringComparison.Ordinal);
        Run(table).Succeeds();
        Assert.Equal(7, Results().Count());
        var channels = JsonNode.Parse(File.ReadAllText(Result("g-channels-data-dense-s1")))!;
        Assert.Equal("dense", (string?)channels["of"]);
        Assert.True((long)channels["keptMacs"]! < (long)channels["denseMacs"]! * 0.7);
        Assert.True((long)channels["assemblyBytes"]! < (long)channels["denseAssemblyBytes"]!);
        var bits = JsonNode.Parse(File.ReadAllText(Result("g-bits-data-dense-s1")))!;
        Assert.True((long)bits["weightBytes"]! < (long)bits["denseWeights"]!);

        var page = File.ReadAllText(Path.Combine(_folder["table"], "results.md"));
        Assert.Contains("## Smaller", page, StringComparison.Ordinal);
        Assert.Contains("| half the channels | ", page, StringComparison.Ordinal);
        Assert.Contains("What was done.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("g-channels-none", page, StringComparison.Ordinal);

        // A cell that now asks for something else is not believed.
        File.WriteAllText(table, File.ReadAllText(table).Replace("0.5 }", "0.25 }", StringComparison.Ordinal));
        Run(table, "--report-only").Answers(2, "SUBP0583");
    }

    [ProofFact]
    [Trait("speed", "slow")]
    public void Trained_networks_become_bytes_with_and_without_data_and_a_training_for_bytes_is_judged_by_them()
    {
        var table = Table(
            """
            "rows": [
                { "name": "sparse", "recipe": { "method": "1xn", "scheduleEnd": 0 } },
                { "name": "tuned", "init": "sparse", "recipe": { "method": "fixed", "quantize": "int8" } }
            ],
            "grids": [
                {
                    "name": "bytes", "title": "Bytes", "of": ["sparse"], "rows": [{ "name": "int8", "int8": true }],
                    "columns": [{ "name": "no-data" }, { "name": "20", "label": "20 images", "calibration": 20 }]
                }
            ]
            """
        );
        Run(table).Succeeds();
        var sparse = JsonNode.Parse(File.ReadAllText(Result("sparse-s1")))!;
        foreach (var name in new[] { "tuned-s1", "bytes-int8-no-data-sparse-s1", "bytes-int8-20-sparse-s1" })
        {
            var bytes = JsonNode.Parse(File.ReadAllText(Result(name)))!;
            // The blocks that training pruned stay pruned, and weights are bytes.
            Assert.Equal((long)sparse["keptMacs"]!, (long)bytes["keptMacs"]!);
            Assert.True((long)bytes["assemblyBytes"]! < (long)sparse["assemblyBytes"]!, name);
        }

        Assert.True(File.Exists(Path.Combine(_folder["table"], "runs", "tuned-s1", "int8.subp")));
        var page = File.ReadAllText(Path.Combine(_folder["table"], "results.md"));
        Assert.Contains("20 images", page, StringComparison.Ordinal);
    }

    [ProofFact]
    [Trait("speed", "slow")]
    public void A_smaller_network_is_trained_on_where_a_cell_says_so_and_keeps_its_structure()
    {
        var table = Table(
            """
            "rows": [{ "name": "dense", "recipe": { "method": "dense" } }],
            "grids": [
                {
                    "name": "g", "of": ["dense"], "values": { "channels": 0.5, "sparsity": 0.5, "blockLength": 8 },
                    "rows": [{ "name": "both" }], "columns": [{ "name": "plain" }, { "name": "tuned", "tune": 2 }]
                }
            ]
            """
        );
        Run(table).Succeeds();
        JsonNode plain = JsonNode.Parse(File.ReadAllText(Result("g-both-plain-dense-s1")))!,
            tuned = JsonNode.Parse(File.ReadAllText(Result("g-both-tuned-dense-s1")))!;
        foreach (var name in new[] { "keptMacs", "keptWeights", "weightBytes" })
            Assert.Equal((long)plain[name]!, (long)tuned[name]!);
        Assert.Empty(plain["accuracyByEpoch"]!.AsArray());
        // The compiled code is measured after the last epoch.
        Assert.Equal(2, tuned["accuracyByEpoch"]!.AsArray().Count);
        Assert.Equal((double)tuned["accuracyByEpoch"]![1]!, (double)tuned["testAccuracy"]!, 2);
        Assert.NotEqual((double)plain["testAccuracy"]!, (double)tuned["testAccuracy"]!);
    }

    private static long Weights(string run) =>
        CommandLine.Run("inspect", run, "--json").Succeeds().Json().GetProperty("denseWeights").GetInt64();

    [Fact]
    [Trait("speed", "slow")]
    public void A_run_that_fails_does_not_keep_the_others_from_being_done()
    {
        var table = Table("""{ "name": "odd", "recipe": { "blockLength": 24 } }, { "name": "tame" }""", rows: true);
        var answer = Run(table).Answers(2, "SUBP0206");
        Assert.Contains("odd-s1", answer.Error, StringComparison.Ordinal);
        Assert.Equal(["tame-s1.json"], Results());
    }

    [Fact]
    [Trait("speed", "slow")]
    public void A_result_of_another_recipe_or_a_damaged_one_is_refused()
    {
        var table = Table("""{ "name": "dense", "recipe": { "method": "dense" } }""", rows: true);
        Run(table).Succeeds();
        table = Table("""{ "name": "dense", "recipe": { "method": "dense", "momentum": 0.8 } }""", rows: true);
        Run(table).Answers(2, "SUBP0583");
        Assert.Contains("momentum", Run(table, "--report-only").Answers(2, "SUBP0583").Error, StringComparison.Ordinal);
        File.WriteAllText(Result("dense-s1"), "{");
        Run(table, "--report-only").Answers(2, "SUBP0583");
    }

    [ProofFact]
    [Trait("speed", "slow")]
    public void Results_of_other_images_do_not_get_into_one_table_and_older_ones_that_do_not_say_their_images_do()
    {
        var table = Table("""{ "name": "dense", "recipe": { "method": "dense" } }, { "name": "sparse" }""", rows: true);
        Run(table, "--rows", "dense").Succeeds();
        var text = File.ReadAllText(Result("dense-s1"));
        var result = JsonNode.Parse(text)!.AsObject();
        Assert.Equal(64, ((string?)result["testLabels"])?.Length);
        Assert.Equal(64, ((string?)result["trainingLabels"])?.Length);

        // Before the second run is begun, let alone its result written.
        result["testLabels"] = new string('0', 64);
        File.WriteAllText(Result("dense-s1"), result.ToJsonString());
        var refusal = Run(table, "--rows", "sparse").Answers(2, "SUBP0583").Error;
        Assert.Contains("test labels with the sha256: 0000", refusal, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder["table"], "runs", "sparse-s1")));

        result.Remove("testLabels");
        result.Remove("trainingLabels");
        File.WriteAllText(Result("dense-s1"), result.ToJsonString());
        Run(table).Succeeds();
        result["testLabels"] = new string('0', 64);
        File.WriteAllText(Result("dense-s1"), result.ToJsonString());
        Assert.Contains("as in dense-s1.json", Run(table, "--report-only").Answers(2, "SUBP0583").Error, StringComparison.Ordinal);
    }

    private CommandLine Run(string table, params string[] more) =>
        CommandLine.Run(["experiment", table, "--threads", "1", "--rounds", "2", .. more]);

    private string Result(string run) => Path.Combine(_folder["table"], run + ".json");

    private IEnumerable<string> Results() =>
        Directory.Exists(_folder["table"])
            ? Directory.EnumerateFiles(_folder["table"], "*.json").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
            : [];

    private string Table(string text, bool rows = false)
    {
        var body = rows ? $"\"rows\": [{text}]" : text;
        File.WriteAllText(
            _folder["table.json"],
            $$"""
            {
                "title": "Small", "trainingImages": 128, "testImages": 64,
                "recipe": { "epochs": 2, "batchSize": 32, "scheduleStart": 0, "scheduleEnd": 1 },
                {{body}}
            }
            """
        );
        return _folder["table.json"];
    }
}
