using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>Channels removed from the command line.</summary>
public sealed class ShrinkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("none")]
    [InlineData("bn")]
    [InlineData("merge")]
    [InlineData("udfc")]
    [InlineData("moments")]
    public void A_network_loses_channels_and_agrees_with_its_compiled_self(string restoration)
    {
        var answer = CommandLine
            .Run("shrink", WriteNetwork(), "--ratio", "0.5", "--restore", restoration, "-o", _folder["small.subp"], "--json")
            .Succeeds();

        // The third complaint of KnownComplaintsTests: what is lost is said.
        Assert.Contains("info SUBP0536: ", answer.Error, StringComparison.Ordinal);
        Assert.Matches(@"outputs \d+\.\d % off and the same class for \d+\.\d % of 16 random inputs", answer.Error);
        var groups = answer.Json().GetProperty("groups").EnumerateArray().ToArray();
        Assert.Equal([16, 16, 8], groups.Select(group => group.GetProperty("after").GetInt32()));
        Assert.Equal("it is an output of the network", groups[2].GetProperty("reason").GetString());
        var model = NetworkFile.Read(_folder["small.subp"]);
        Assert.Equal(16, model.Graph.ShapeOf("body").Channels);
        Assert.DoesNotContain(model.Graph.Nodes, node => node.Operator is BatchNorm);
        CommandLine.Run("verify", _folder["small.subp"], "--random", "2").Succeeds();
    }

    [Fact]
    public void Taylor_takes_what_the_loss_misses_least_and_wants_inputs_for_it()
    {
        var network = WriteNetwork();
        Assert.Contains(
            "inputs to measure gradients",
            CommandLine.Run("shrink", network, "--criterion", "taylor", "-o", _folder["x.subp"]).Answers(1, "SUBP0801").Error,
            StringComparison.Ordinal
        );
        const int Count = 40 * 3 * 8 * 8;
        var random = new Random(4);
        File.WriteAllBytes(
            _folder["inputs.bin"],
            [.. Enumerable.Range(0, Count).SelectMany(_ => BitConverter.GetBytes(random.NextSingle() - 0.5f))]
        );
        var json = CommandLine
            .Run([
                "shrink",
                network,
                "--criterion",
                "taylor",
                "--calibration",
                _folder["inputs.bin"],
                "-o",
                _folder["small.subp"],
                "--json",
            ])
            .Succeeds()
            .Json();
        Assert.Contains(json.GetProperty("groups").EnumerateArray(), group => group.GetProperty("after").GetInt32() < 32);
    }

    [Fact]
    public void A_budget_of_multiply_adds_is_met_with_the_smallest_ratio()
    {
        var json = CommandLine
            .Run("shrink", WriteNetwork(), "--macs", "0.5", "--multiple", "1", "-o", _folder["small.subp"], "--json")
            .Succeeds()
            .Json();
        var share = (double)json.GetProperty("macsAfter").GetInt64() / json.GetProperty("macsBefore").GetInt64();
        Assert.InRange(share, 0.4, 0.5);
    }

    [Fact]
    public void A_budget_that_cannot_be_met_is_refused_with_what_can() =>
        Assert.Contains(
            "expected at least",
            CommandLine.Run("shrink", WriteNetwork(), "--macs", "0.0001", "-o", _folder["x.subp"]).Answers(2, "SUBP0534").Error,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_budget_of_bytes_is_met_and_the_largest_that_fits_is_taken()
    {
        string[] options = ["--multiple", "1", "--json", "-f", "-o", _folder["small.subp"]];
        CommandLine.Run(["shrink", WriteNetwork(), "--size", "20kB", .. options]).Succeeds();
        var bytes = NetworkFile.Read(_folder["small.subp"]).Graph.Parameters.Sum(parameter => 4 * parameter.Shape.ElementCount);
        Assert.InRange(bytes, 18_000, 20_000);
        Assert.Contains(
            "expected at least",
            CommandLine.Run("shrink", WriteNetwork(), "--size", "10B", "-o", _folder["x.subp"]).Answers(2, "SUBP0534").Error,
            StringComparison.Ordinal
        );
        CommandLine.Run("shrink", WriteNetwork(), "--size", "10 bananas", "-o", _folder["x.subp"]).Answers(1, "SUBP0801");
    }

    [Fact]
    public void A_budget_of_time_is_met_by_prediction()
    {
        double Predicted(string file) =>
            CommandLine
                .Run("inspect", file, "--peak", "100", "--json")
                .Succeeds()
                .Json()
                .GetProperty("prediction")
                .GetProperty("microseconds")
                .GetDouble();
        CommandLine.Run("import", WriteNetwork(), "-o", _folder["whole.subp"]).Succeeds();
        var budget = 0.75 * Predicted(_folder["whole.subp"]);
        CommandLine
            .Run(
                "shrink",
                WriteNetwork(),
                "--latency",
                FormattableString.Invariant($"{budget}us"),
                "--peak",
                "100",
                "-o",
                _folder["fast.subp"]
            )
            .Succeeds();
        Assert.InRange(Predicted(_folder["fast.subp"]), 0, budget);
        Assert.Contains(
            "expected at least",
            CommandLine
                .Run("shrink", WriteNetwork(), "--latency", "0.001us", "--peak", "100", "-o", _folder["x.subp"])
                .Answers(2, "SUBP0534")
                .Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("l1")]
    [InlineData("unexplained-variance")]
    public void A_global_share_takes_more_where_it_costs_less(string criterion)
    {
        var json = CommandLine
            .Run([
                "shrink",
                WriteNetwork(),
                "--global",
                "--ratio",
                "0.4",
                "--multiple",
                "1",
                "--criterion",
                criterion,
                "-o",
                _folder["g.subp"],
                "--json",
            ])
            .Succeeds()
            .Json();
        int[] after = [.. json.GetProperty("groups").EnumerateArray().Take(2).Select(group => group.GetProperty("after").GetInt32())];
        // Four tenths of 64 channels, and no group below a fifth.
        Assert.InRange(after.Sum(), 37, 40);
        Assert.All(after, kept => Assert.InRange(kept, 7, 32));
    }

    [Fact]
    public void A_network_with_nothing_to_remove_is_refused() =>
        CommandLine.Run("shrink", WriteNetwork(), "--exclude", "*", "-o", _folder["x.subp"]).Answers(2, "SUBP0533");

    [Fact]
    public void Gamma_needs_normalisations()
    {
        CommandLine.Run("import", WriteNetwork(), "-o", _folder["folded.subp"]).Succeeds();
        CommandLine.Run("shrink", _folder["folded.subp"], "--criterion", "gamma", "-o", _folder["x.subp"]).Answers(2, "SUBP0535");
    }

    [Fact]
    public void A_ratio_and_a_budget_exclude_each_other() =>
        CommandLine.Run("shrink", WriteNetwork(), "--macs", "0.5", "--ratio", "0.5", "-o", _folder["x.subp"]).Answers(1, "SUBP0801");

    [Theory]
    [InlineData("--peak", "100")]
    [InlineData("--machine", "zen4")]
    public void What_a_time_is_predicted_with_is_of_no_use_without_a_time(string option, string value) =>
        Assert.Contains(
            "no --latency",
            CommandLine.Run("shrink", WriteNetwork(), option, value, "-o", _folder["x.subp"]).Answers(1, "SUBP0801").Error,
            StringComparison.Ordinal
        );

    [Fact]
    public void Channels_go_first_and_blocks_after_them()
    {
        CommandLine.Run("shrink", WriteNetwork(), "--ratio", "0.5", "--keep-batch-norm", "-o", _folder["small.subp"]).Succeeds();
        CommandLine.Run("compress", _folder["small.subp"], "--sparsity", "0.5", "-N", "8", "-o", _folder["both.subp"]).Succeeds();
        Assert.Equal(8, NetworkFile.Read(_folder["both.subp"]).Graph.Parameter("body.weight").Pattern!.Kept(0).Count);
        CommandLine.Run("shrink", _folder["both.subp"], "-o", _folder["x.subp"]).Answers(2, "SUBP0533");
    }

    private string WriteNetwork()
    {
        var path = _folder["network.onnx"];
        if (File.Exists(path))
            return path;
        var builder = new GraphBuilder("network");
        var value = builder.Input("image", new TensorShape(1, 3, 8, 8));
        foreach (var name in new[] { "stem", "body" })
        {
            value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, value, 32, Window.Square(3, 1, 1)));
            value = builder.Node($"{name}.relu", Activate.Relu, value);
        }

        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("last", value, 8));
        using var file = File.Create(path);
        OnnxExporter.Export(RandomWeights.For(builder.Build(), 7), file);
        return path;
    }
}
