using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Models;
using Subp.Training.Pruning;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Pruning;

public class OneShotPruningTests
{
    private static readonly Model Network = Build();

    [Theory]
    [InlineData(ImportanceCriterion.L1)]
    [InlineData(ImportanceCriterion.L2)]
    [InlineData(ImportanceCriterion.Bpar)]
    public void Every_group_keeps_the_same_number_of_blocks_and_nothing_else_is_changed(ImportanceCriterion criterion)
    {
        var result = OneShotPruning.Prune(Network, new PruneOptions { Sparsity = 0.6, Criterion = criterion });

        var pattern = result.Model.Graph.Parameter("body.weight").Pattern!;
        Assert.True(pattern.IsUniform);
        Assert.Equal((16, 32 - 19), (pattern.BlockLength, pattern.Kept(0).Count));
        GraphVerifier.Verify(result.Model.Graph);
        foreach (var parameter in result.Model.Graph.Parameters)
        {
            float[] before = Network.Weights[parameter.Name].Values;
            float[] after = result.Model.Weights[parameter.Name].Values;
            Assert.All(before.Zip(after), pair => Assert.True(pair.Second == 0 || pair.Second == pair.First));
            if (parameter.Pattern is null)
                Assert.Equal(before, after);
            else
                BlockSparseValues.RequireZerosOutside(parameter, after);
        }
    }

    [Fact]
    public void The_blocks_with_the_smallest_sum_of_magnitudes_go_first()
    {
        var result = OneShotPruning.Prune(Network, new PruneOptions { Sparsity = 0.25 });

        var pattern = result.Model.Graph.Parameter("body.weight").Pattern!;
        var weight = Network.Weights["body.weight"].Values;
        double Norm(int group, int channel) =>
            Enumerable
                .Range(0, 16)
                .Sum(row => Enumerable.Range(0, 9).Sum(tap => Math.Abs((double)weight[((((group * 16) + row) * 32 + channel) * 9) + tap])));
        for (int group = 0; group < pattern.Groups; group++)
        {
            int[] expected = [.. Enumerable.Range(0, 32).OrderBy(channel => Norm(group, channel)).Skip(8).Order()];
            Assert.Equal(expected, pattern.Kept(group));
        }
    }

    [Fact]
    public void What_stays_dense_by_default_says_why()
    {
        var reasons = Reasons(new PruneOptions());

        Assert.Equal("it reads the input of the network", reasons["stem"]);
        Assert.Equal("it is depthwise", reasons["depthwise"]);
        Assert.Equal("its 24 output channels are no multiple of N = 16", reasons["odd"]);
        Assert.Equal("it is linear", reasons["hidden"]);
        Assert.Equal("it is the classifier", reasons["classifier"]);
        Assert.Null(reasons["body"]);
    }

    [Fact]
    public void Linear_layers_are_pruned_on_request_but_not_the_classifier()
    {
        var reasons = Reasons(new PruneOptions { Linear = true });

        Assert.Null(reasons["hidden"]);
        Assert.Equal("it is the classifier", reasons["classifier"]);
        Assert.Null(Reasons(new PruneOptions { Include = ["classifier"] })["classifier"]);
    }

    [Fact]
    public void Names_include_exclude_and_set_rates()
    {
        Assert.Equal("it is not included by name", Reasons(new PruneOptions { Include = ["hid*"] })["body"]);
        Assert.Equal("it is excluded by name", Reasons(new PruneOptions { Exclude = ["bod?"], Linear = true })["body"]);

        var result = OneShotPruning.Prune(Network, new PruneOptions { Linear = true, LayerRates = [new("*", 0.5), new("body", 0.9)] });
        Assert.Equal(32 - 28, result.Model.Graph.Parameter("body.weight").Pattern!.Kept(0).Count);
        Assert.Equal(12, result.Model.Graph.Parameter("hidden.weight").Pattern!.Kept(0).Count);
    }

    [Fact]
    public void A_name_of_no_layer_is_answered_with_the_nearest_one()
    {
        var exception = Assert.Throws<SubpException>(() => OneShotPruning.Prune(Network, new PruneOptions { Exclude = ["boby"] }));

        Assert.Equal("SUBP0511", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("Did you mean 'body'?", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_selection_without_a_layer_is_answered_with_SUBP0509()
    {
        var exception = Assert.Throws<SubpException>(() => OneShotPruning.Prune(Network, new PruneOptions { BlockLength = 64 }));
        Assert.Equal("SUBP0509", exception.Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void The_answer_names_the_reason_of_most_layers()
    {
        var exception = Assert.Throws<SubpException>(() => OneShotPruning.Prune(Network, new PruneOptions { Exclude = ["stem", "body"] }));
        Assert.Contains("'stem', for example, because it is excluded by name", exception.Diagnostic.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_of_bytes_stay_as_they_are()
    {
        var graph = Network.Graph.With(
            parameters:
            [
                .. Network.Graph.Parameters.Select(parameter =>
                    parameter.Shape.Rank > 1 ? parameter with { Element = ElementType.Int8 } : parameter
                ),
            ]
        );
        var exception = Assert.Throws<SubpException>(() => OneShotPruning.Select(graph, new PruneOptions()));
        Assert.Equal("SUBP0509", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("its weights are s8", exception.Diagnostic.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_pruned_far_enough_stays_and_what_is_not_is_pruned_further()
    {
        var once = OneShotPruning.Prune(Network, new PruneOptions { Sparsity = 0.5, Linear = true }).Model;
        var twice = OneShotPruning.Prune(
            once,
            new PruneOptions
            {
                Sparsity = 0.5,
                Linear = true,
                LayerRates = [new("hidden", 0.75)],
            }
        );

        Assert.Equal("it is pruned at least as far already", twice.Layers.Single(layer => layer.Node == "body").DenseReason);
        Assert.Equal(once.Graph.Parameter("body.weight").Pattern, twice.Model.Graph.Parameter("body.weight").Pattern);
        var further = twice.Model.Graph.Parameter("hidden.weight").Pattern!;
        Assert.Equal(6, further.Kept(0).Count);
        Assert.Subset(once.Graph.Parameter("hidden.weight").Pattern!.Kept(0).ToHashSet(), further.Kept(0).ToHashSet());
    }

    [Fact]
    public void A_weight_of_two_layers_is_pruned_only_where_both_may_be()
    {
        var builder = new GraphBuilder("shared");
        string image = builder.Input("image", new TensorShape(1, 32, 4, 4));
        string first = builder.Conv2d("first", image, 32, Window.Square(1));
        string second = builder.Node("second", new Conv2d { Weight = "first.weight", Window = Window.Square(1) }, first);
        builder.Output(builder.Conv2d("last", builder.Conv2d("third", second, 32, Window.Square(1)), 8, Window.Square(1)));
        var graph = builder.Build();

        var result = OneShotPruning.Prune(new Model(graph, WeightInitializer.Initialize(graph, 1)), new PruneOptions());

        Assert.Equal(["third"], result.Pruned.Select(layer => layer.Node));
        Assert.Contains("shares its weight with 'first'", result.Layers[1].DenseReason!, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Reasons(PruneOptions options) =>
        PruneSelection.Decide(Network.Graph, options).ToDictionary(layer => layer.Node, layer => layer.DenseReason);

    private static Model Build()
    {
        var builder = new GraphBuilder("network");
        string value = builder.Conv2d("stem", builder.Input("image", new TensorShape(1, 16, 6, 6)), 32, Window.Square(3, 1, 1));
        value = builder.Conv2d("body", value, 48, Window.Square(3, 1, 1));
        value = builder.Conv2d("depthwise", value, 48, Window.Square(3, 1, 1), groups: 48);
        value = builder.Conv2d("odd", value, 24, Window.Square(1));
        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", builder.Linear("hidden", value, 32), 32));
        var graph = builder.Build();
        return new Model(graph, WeightInitializer.Initialize(graph, 1));
    }
}
