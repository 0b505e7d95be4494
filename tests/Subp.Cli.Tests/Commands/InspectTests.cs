using System.Text.Json;
using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Testing;
using Subp.Tooling.Inspection;

namespace Subp.Cli.Tests.Commands;

/// <summary>What inspect says about a network: figures of layers, memory, predictions and schedules.</summary>
public sealed class InspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_layer_has_shape_work_weights_pattern_kernel_and_the_reason_where_it_is_not_sparse()
    {
        var layers = Inspect("--peak", "100")
            .GetProperty("layers")
            .EnumerateArray()
            .ToDictionary(layer => layer.GetProperty("name").GetString()!);

        var conv = layers["conv"];
        Assert.Equal([1, 32, 6, 5], conv.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt32()));
        Assert.Equal(
            (32 * 16 * 9 * 30, 4 * 16 * 9 * 30),
            (conv.GetProperty("denseMacs").GetInt32(), conv.GetProperty("keptMacs").GetInt32())
        );
        Assert.Equal((32 * 16 * 9, 4 * 16 * 9), (conv.GetProperty("denseWeights").GetInt32(), conv.GetProperty("keptWeights").GetInt32()));
        var pattern = conv.GetProperty("pattern");
        Assert.Equal(
            (16, 4, true),
            (
                pattern.GetProperty("blockLength").GetInt32(),
                pattern.GetProperty("keptBlocks").GetInt32(),
                pattern.GetProperty("uniform").GetBoolean()
            )
        );
        Assert.StartsWith("f32_spconv3x3s1", conv.GetProperty("kernel").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, conv.GetProperty("reason").ValueKind);
        Assert.NotEqual("", layers["classifier"].GetProperty("reason").GetString());
        Assert.All(layers.Values, layer => Assert.True(layer.GetProperty("predictedMicroseconds").GetDouble() > 0));
    }

    [Fact]
    public void Why_lists_the_candidates_of_a_layer_and_names_the_one_that_was_chosen()
    {
        var explanation = Inspect("--why", "conv", "--machine", "zen4").GetProperty("explanation");
        Assert.Equal("zen4", explanation.GetProperty("machine").GetString());
        Assert.StartsWith("f32_spconv3x3s1", explanation.GetProperty("kernel").GetString(), StringComparison.Ordinal);
        var chosen = Assert.Single(
            explanation.GetProperty("algorithms").EnumerateArray(),
            kernel => kernel.GetProperty("isChosen").GetBoolean()
        );
        Assert.True(chosen.GetProperty("cycles").GetDouble() > 0);
        Assert.NotEmpty(explanation.GetProperty("variants").EnumerateArray());
    }

    [Fact]
    public void A_node_that_became_part_of_another_layer_is_not_unknown()
    {
        var path = TinyClassifier.Write(_folder);
        var part = CommandLine.Run("inspect", path, "--why", "features").Answers(1, "SUBP0801");
        Assert.Contains("ask for 'pool'", part.Error, StringComparison.Ordinal);
        var typo = CommandLine.Run("inspect", path, "--why", "cnov").Answers(1, "SUBP0801");
        Assert.Contains("'conv'", typo.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Measured_layers_stand_beside_their_predictions_with_the_error_and_the_work_that_was_counted()
    {
        var json = Inspect("--measure", "--rounds", "1");
        Assert.All(
            json.GetProperty("layers").EnumerateArray(),
            layer =>
            {
                Assert.True(layer.GetProperty("measuredMicroseconds").GetProperty("median").GetDouble() > 0);
                Assert.Contains(
                    layer.GetProperty("work").EnumerateArray(),
                    item => item.GetProperty("kind").GetString() == "layer" && item.GetProperty("count").GetDouble() == 1
                );
            }
        );
        Assert.True(json.GetProperty("predictionError").GetProperty("mean").GetDouble() >= 0);
        Assert.Contains(
            "prediction error: ",
            CommandLine.Run("inspect", TinyClassifier.Write(_folder), "--measure", "--rounds", "1").Succeeds().Out,
            StringComparison.Ordinal
        );
        Assert.Equal(JsonValueKind.Null, Inspect("--peak", "100").GetProperty("predictionError").ValueKind);
    }

    [Fact]
    public void The_error_is_the_mean_over_the_layers_whatever_their_times()
    {
        var error = PredictionError.Of([11, 200], [10, 400]);
        Assert.Equal((0.3, 201 / 410.0, 0.5, 1), (Math.Round(error.Mean, 12), error.TimeWeighted, error.Largest, error.LargestLayer));
    }

    [Fact]
    public void Memory_is_the_arena_its_lower_bound_and_the_scratch_of_a_thread()
    {
        var plan = ModelPlanner.Plan(TinyClassifier.Build().Graph, new CompileOptions());
        var json = Inspect("--peak", "100");

        Assert.Equal(4L * plan.ArenaLength, json.GetProperty("arenaBytes").GetInt64());
        Assert.InRange(json.GetProperty("arenaLowerBoundBytes").GetInt64(), 1, json.GetProperty("arenaBytes").GetInt64());
        Assert.Equal(4L * plan.ScratchLength, json.GetProperty("scratchBytesPerThread").GetInt64());
    }

    [Fact]
    public void A_peak_twice_as_high_predicts_half_the_time_and_the_text_is_the_same_again()
    {
        double Total(string peak) => Inspect("--peak", peak).GetProperty("prediction").GetProperty("microseconds").GetDouble();

        Assert.Equal(Total("50"), 2 * Total("100"), 1e-9);
        var subp = TinyClassifier.Write(_folder);
        Assert.Equal(
            CommandLine.Run("inspect", subp, "--peak", "75", "--schedule", "2").Succeeds().Out,
            CommandLine.Run("inspect", subp, "--peak", "75", "--schedule", "2").Out
        );
        Assert.Contains(
            "on one thread of 75.0 GFLOP/s; subp bench measures",
            CommandLine.Run("inspect", subp, "--peak", "75").Out,
            StringComparison.Ordinal
        );
        CommandLine.Run("inspect", subp, "--peak", "0").Answers(1, "SUBP0801");
    }

    [Fact]
    public void One_thread_is_a_perfect_split_and_takes_the_sum_of_the_layers()
    {
        var json = Inspect("--peak", "100", "--schedule", "1", "2");
        var one = json.GetProperty("schedules")[0];

        Assert.Equal(0, one.GetProperty("own").GetProperty("imbalance").GetDouble(), 1e-9);
        Assert.Equal(
            json.GetProperty("prediction").GetProperty("microseconds").GetDouble(),
            one.GetProperty("predictedMicroseconds").GetDouble(),
            1e-9
        );
        Assert.True(
            json.GetProperty("schedules")[1].GetProperty("predictedMicroseconds").GetDouble()
                < one.GetProperty("predictedMicroseconds").GetDouble()
        );
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void A_non_uniform_pattern_of_the_same_rate_is_worse_balanced_over_as_many_threads_as_groups(int kernel)
    {
        var graph = Uniform(kernel);
        var scattered = ScheduleForecast.WithoutUniformity(graph);
        var (own, other) = (graph.Parameter("body.weight").Pattern!, scattered.Parameter("body.weight").Pattern!);
        Assert.Equal((own.KeptBlocks, false), (other.KeptBlocks, other.IsUniform));
        Assert.Equal(other, ScheduleForecast.WithoutUniformity(graph).Parameter("body.weight").Pattern);

        var uniform = ScheduleForecast.Of(ModelPlanner.Plan(graph, new CompileOptions()), 8);
        var nonUniform = ScheduleForecast.Of(ModelPlanner.Plan(scattered, new CompileOptions()), 8);
        Assert.True(uniform.Imbalance < nonUniform.Imbalance, $"{uniform} against {nonUniform}");
    }

    private JsonElement Inspect(params string[] options) =>
        CommandLine.Run(["inspect", TinyClassifier.Write(_folder), "--json", .. options]).Succeeds().Json();

    // Eight groups over one small map: eight threads can only be given one group each.
    private static Graph Uniform(int kernel)
    {
        var builder = new GraphBuilder("uniform");
        var pattern = new BlockPattern(16, 64, [.. Enumerable.Range(0, 8).Select(group => Enumerable.Range(8 + group, 16).ToArray())]);
        builder.Output(
            builder.Conv2d(
                "body",
                builder.Input("image", new TensorShape(1, 64, 2, 2)),
                128,
                Window.Square(kernel, 1, kernel / 2),
                pattern: pattern
            )
        );
        return builder.Build();
    }
}
