using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Models;

namespace Subp.Cli.Tests.Commands;

/// <summary>What the commands that change a finished network refuse, and what they leave as it is.</summary>
public sealed class FinishedNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shrink")]
    [InlineData("compress")]
    public void Bytes_are_refused_by_name(string verb)
    {
        CommandLine.Run("quantize", WriteNetwork(), "--input-range", "0,1", "-o", _folder["bytes.subp"]).Succeeds();
        var answer = CommandLine.Run(verb, _folder["bytes.subp"], "-o", _folder["x.subp"]).Answers(2, "SUBP0231");
        Assert.Contains("weights of type s8 in node ", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shrink")]
    [InlineData("compress")]
    [InlineData("quantize")]
    public void The_source_is_never_replaced(string verb)
    {
        var network = WriteNetwork();
        File.Copy(network, _folder["weights.pth"]);
        var before = File.ReadAllBytes(_folder["network.safetensors"]);
        CommandLine.Run(verb, network, "-f", "-o", network).Answers(1, "SUBP0801");
        // Weights of PyTorch may end as those of a bundle do.
        CommandLine.Run(verb, _folder["network.safetensors"], "-f", "-o", _folder["network.subp"]).Answers(1, "SUBP0801");
        Assert.Equal(before, File.ReadAllBytes(_folder["network.safetensors"]));
        // Weights of something else are no target either.
        File.WriteAllText(_folder["other.safetensors"], "mine");
        CommandLine.Run(verb, network, "-o", _folder["other.subp"]).Answers(1, "SUBP0802");
    }

    [Fact]
    public void A_result_beside_the_source_can_be_made_again()
    {
        var folder = Directory.CreateDirectory(_folder["run"]).FullName;
        foreach (var ending in new[] { "subp", "safetensors" })
            File.Copy(Path.ChangeExtension(WriteNetwork(), ending), Path.Combine(folder, "model." + ending));
        CommandLine.Run("shrink", folder).Succeeds();
        CommandLine.Run("shrink", folder, "-f").Succeeds();
    }

    [Theory]
    [InlineData("--size", "10MB")]
    [InlineData("--latency", "10s", "--peak", "100")]
    public void A_budget_that_is_met_already_takes_nothing(string option, string amount, params string[] more)
    {
        var answer = CommandLine.Run(["shrink", WriteNetwork(), option, amount, .. more, "-o", _folder["x.subp"]]).Answers(2, "SUBP0533");
        Assert.Contains($"as it is, which {option} {amount} allows", answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "SUBP0512")]
    [InlineData("bn", "SUBP0530")]
    [InlineData("moments", "SUBP0530")]
    [InlineData("noise", "SUBP0530")]
    public void Linear_layers_over_sequences_lose_blocks_and_compile(string restoration, string id)
    {
        var builder = new GraphBuilder("tokens");
        var value = builder.Input("image", new TensorShape(1, 3, 8, 8));
        value = builder.BatchNorm("stem.norm", builder.Conv2d("stem", value, 32, Window.Square(3, 1, 1)));
        value = builder.Node("sequence", new Reshape(1, 64, 32), value);
        foreach (var name in new[] { "token", "mix" })
            value = builder.Node(name, new Linear { Weight = builder.Parameter(name + ".weight", new TensorShape(32, 32)) }, value);
        builder.Output(builder.Linear("last", builder.Node("flat", new Flatten(), value), 4));
        var network = Write("tokens", builder.Build());
        var options = new[] { "--linear", "--sparsity", "0.5", "--restore", restoration, "-o", _folder["half.subp"] };
        Assert.Contains(id, CommandLine.Run(["compress", network, .. options]).Succeeds().Error, StringComparison.Ordinal);
        Assert.Equal(16, NetworkFile.Read(_folder["half.subp"]).Graph.Parameter("token.weight").Pattern!.Kept(0).Count);
        CommandLine.Run("verify", _folder["half.subp"], "--random", "1").Succeeds();
    }

    [Fact]
    public void Rounding_alone_is_not_taken_for_pruning()
    {
        string[] options = ["--sparsity", "0", "--bits", "4", "--compensate", "none", "--restore", "none", "-o", _folder["x.subp"]];
        var error = CommandLine.Run(["compress", WriteNetwork(), .. options]).Succeeds().Error;
        Assert.Contains("info SUBP0530: The network was made smaller after its training", error, StringComparison.Ordinal);
        Assert.DoesNotContain("SUBP0512", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_that_went_are_counted_after_rounding()
    {
        string[] options = ["--sparsity", "0", "--channels", "0.3", "-o", _folder["x.subp"]];
        Assert.Contains(
            "found 32 of 72 channels removed",
            CommandLine.Run(["compress", WriteNetwork(), .. options]).Succeeds().Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_network_without_layers_has_no_bits()
    {
        var builder = new GraphBuilder("pool");
        builder.Output(builder.Node("pool", new GlobalAveragePool(), builder.Input("image", new TensorShape(1, 3, 8, 8))));
        CommandLine
            .Run("compress", Write("pool", builder.Build()), "--sparsity", "0", "--bits", "4", "-o", _folder["x.subp"])
            .Answers(1, "SUBP0801");
    }

    private string WriteNetwork()
    {
        if (File.Exists(_folder["network.subp"]))
            return _folder["network.subp"];
        var builder = new GraphBuilder("network");
        var value = builder.Input("image", new TensorShape(1, 3, 8, 8));
        foreach (var name in new[] { "stem", "body" })
        {
            value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, value, 32, Window.Square(3, 1, 1)));
            value = builder.Node($"{name}.relu", Activate.Relu, value);
        }

        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("last", value, 8));
        return Write("network", builder.Build());
    }

    private string Write(string name, Graph graph)
    {
        var bundle = ModelBundle.Write(RandomWeights.For(graph, 1));
        File.WriteAllText(_folder[name + ".subp"], bundle.SubpText);
        File.WriteAllBytes(_folder[name + ".safetensors"], bundle.Safetensors);
        return _folder[name + ".subp"];
    }
}
