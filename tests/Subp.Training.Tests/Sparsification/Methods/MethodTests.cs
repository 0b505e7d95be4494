using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;
using Subp.Training.Sparsification.Methods;

namespace Subp.Training.Tests.Sparsification.Methods;

public sealed class MethodTests
{
    private static readonly LayerChoice Layers = new(16, 16, [], []);

    [Fact]
    public void Ranking_over_a_layer_prunes_the_least_blocks_wherever_they_lie()
    {
        // Two groups of one filter, four channels, 1x1: the norms are the weights.
        var mask = BlockRanking.Largest([5, -1, 0.5f, 8, 2, 0.25f, -7, 6], new BlockGrid(2, 4, 1, 1), rate: 0.5);
        Assert.Equal([1, 0, 0, 1, 0, 0, 1, 1], mask.Bytes.ToArray());
    }

    [Fact]
    public void Sr_ste_keeps_the_largest_of_consecutive_input_channels_for_each_filter_and_tap()
    {
        var graph = Network(channels: 4, outputs: 1, kernel: 3);
        var method = new SrSteMethod(Layers with { BlockLength = 1, Include = ["body"] }, Kept: 2, Of: 4, 2e-4);
        var layers = method.Select(graph);
        // [1][4][3][3]: tap by tap the channels are 1, -3, 2, 0 rotated by the tap.
        var weights = new float[36];
        float[] values = [1, -3, 2, 0];
        for (int tap = 0; tap < 9; tap++)
        {
            for (int channel = 0; channel < 4; channel++)
                weights[(channel * 9) + tap] = values[(channel + tap) % 4];
        }

        var mask = method.Next(new MaskRequest(graph, 0, layers, method.BeginOf(graph, layers), _ => weights, new DeterministicRandom(1)))[
            0
        ];
        for (int index = 0; index < weights.Length; index++)
            Assert.Equal(MathF.Abs(weights[index]) >= 2, mask[0, index]);
    }

    [Fact]
    public void Sr_ste_refuses_groups_that_do_not_divide_the_input_channels()
    {
        var method = new SrSteMethod(Layers with { BlockLength = 1, Include = ["body"] }, 2, 4, 2e-4);
        var failure = Assert.Throws<SubpException>(() => method.Select(Network(channels: 6, outputs: 8, kernel: 1)));
        Assert.Equal("SUBP0585", failure.Diagnostic.Descriptor.Id);
        Assert.Contains("6 input channels", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_regrowth_the_schedule_acts_through_the_number_of_pruned_blocks()
    {
        var graph = Network(channels: 16, outputs: 32, kernel: 3);
        var schedule = new SparsitySchedule(ScheduleShape.Linear, 0, 4);
        var method = new SubpMethod(Layers with { Include = ["body"] }, 0.75, schedule, new SubpOptions(), Regrowth: false, 2e-4);
        var layers = method.Select(graph);
        float[] weights = WeightInitializer.Initialize(graph, 1)["body.weight"].Values;
        var masks = method.BeginOf(graph, layers);
        foreach (int epoch in Enumerable.Range(0, 6))
        {
            var next = method.Next(new MaskRequest(graph, epoch, layers, masks, _ => weights, new DeterministicRandom(1)));
            int kept = 16 - (int)(0.75 * Math.Min(1, epoch / 4.0) * 16);
            Assert.All(Enumerable.Range(0, 2), group => Assert.Equal(kept, next[0].KeptInGroup(group)));
            // What is pruned stays pruned: nothing is sampled.
            Assert.All(Enumerable.Range(0, 32), block => Assert.True(masks[0].Bytes[block] == 1 || next[0].Bytes[block] == 0));
            masks = next;
        }
    }

    [Theory]
    [InlineData(ImportanceCriterion.Bpar)]
    [InlineData(ImportanceCriterion.L1)]
    [InlineData(ImportanceCriterion.L2)]
    public void Masks_that_are_final_stay_whatever_becomes_of_the_weights(ImportanceCriterion criterion)
    {
        var graph = Network(channels: 16, outputs: 32, kernel: 3);
        var schedule = new SparsitySchedule(ScheduleShape.Linear, 0, 3);
        var choice = Layers with { Include = ["body"] };
        var method = new SubpMethod(choice, 0.75, schedule, new SubpOptions(criterion), Regrowth: true, 2e-4);
        var layers = method.Select(graph);
        var masks = method.BeginOf(graph, layers);
        var random = new DeterministicRandom(5);
        foreach (int epoch in Enumerable.Range(0, 10))
        {
            float[] weights = WeightInitializer.Initialize(graph, (ulong)epoch)["body.weight"].Values;
            var next = method.Next(new MaskRequest(graph, epoch, layers, masks, _ => weights, random));
            if (epoch > 0 && ((IPruningMethod)method).AreFinal(epoch - 1))
                Assert.Equal(masks, next);
            masks = next;
        }

        Assert.False(method.AreFinal(2));
        Assert.True(method.AreFinal(3));
        Assert.False((method with { Options = new SubpOptions(criterion, SubpVariant.V1) }).AreFinal(9));
    }

    [Fact]
    public void Filters_go_with_the_weights_that_read_them_and_in_every_layer_of_a_class_alike()
    {
        var graph = FashionResNet8.Build(ModelMetadata.Empty with { ClassNames = [.. "abcdefghij".Select(letter => $"{letter}")] });
        var weights = WeightInitializer.Initialize(graph, 5);
        var method = new FilterMethod(Layers with { BlockLength = 1 }, 0.5, 0);
        var layers = method.Select(graph);
        var masks = method.Next(
            new MaskRequest(graph, 0, layers, method.BeginOf(graph, layers), name => weights[name].Values, new DeterministicRandom(1))
        );
        var left = method.Left(graph, layers, masks);
        // stem with stage 1, the insides of three blocks, stages 2 and 3.
        Assert.Equal([16, 16, 32, 32, 64, 64], left.Select(selection => selection.Channels.Count).Order());
        var small = Subp.Training.Channels.ChannelSelection.Apply(new Core.Weights.Model(graph, weights), left);
        Assert.Equal([16, 1, 3, 3], small.Graph.Parameter("stem.weight").Shape.Dimensions);
        Assert.Equal([64, 64, 3, 3], small.Graph.Parameter("stage3.conv2.weight").Shape.Dimensions);
        Assert.Equal([10, 64], small.Graph.Parameter("classifier.weight").Shape.Dimensions);
        GraphVerifier.Verify(small.Graph);
    }

    [Fact]
    public void Every_method_has_a_name_of_its_own() => Assert.Equal(Enum.GetValues<TrainingMethod>(), MethodNames.All.Values);

    [Fact]
    public void A_recipe_spells_methods_as_the_command_line_does()
    {
        foreach (var (name, method) in MethodNames.All)
        {
            string text = RecipeFile.Print(new TrainingRecipe { Method = method });
            Assert.Contains($"\"method\": \"{name}\"", text, StringComparison.Ordinal);
            Assert.Equal(method, RecipeFile.Parse(text, "recipe").Method);
        }
    }

    private static Graph Network(int channels, int outputs, int kernel)
    {
        var builder = new GraphBuilder("small");
        string value = builder.Input("image", new TensorShape(1, channels, 8, 8));
        value = builder.Conv2d("body", value, outputs, Window.Square(kernel, 1, kernel / 2));
        builder.Output(builder.Node("pool", new GlobalAveragePool(), value));
        return builder.Build();
    }
}

/// <summary>The default of the interface, as a method of every method.</summary>
internal static class MethodExtensions
{
    public static IReadOnlyList<BlockMask> BeginOf(this IPruningMethod method, Graph graph, IReadOnlyList<MaskedLayer> layers) =>
        method.Begin(graph, layers);
}
