using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Training.Distilling;
using Subp.Training.Engines.Embedded;
using Subp.Training.Numerics;
using Subp.Training.Tests.Engines;

namespace Subp.Training.Tests.Distilling;

public sealed class UnlabelledDistillationTests
{
    private const int Images = 24;

    private static readonly DistillationOptions s_options = new()
    {
        Epochs = 12,
        BatchSize = 8,
        LearningRate = 0.05,
        Shift = 1,
    };

    [Fact]
    public void The_changed_network_comes_nearer_to_the_answers_of_the_original()
    {
        var (original, changed, inputs) = Networks();
        var losses = new List<(double Share, double Loss)>();
        var distilled = UnlabelledDistillation.Distill(changed, original, inputs, s_options, (share, loss) => losses.Add((share, loss)));
        Assert.InRange(Difference(distilled, original, inputs), 0, 0.5 * Difference(changed, original, inputs));
        Assert.Equal(s_options.Epochs, losses.Count);
        Assert.Equal(1, losses[^1].Share);
        Assert.All(losses, pass => Assert.InRange(pass.Loss, double.Epsilon, 1));
    }

    [Fact]
    public void Pruned_blocks_stay_pruned_and_the_networks_that_were_given_stay_as_they_were()
    {
        var (original, changed, inputs) = Networks();
        var before = TestNetworks.Copy(changed.Weights);
        var distilled = UnlabelledDistillation.Distill(changed, original, inputs, s_options);
        Assert.Equal(changed.Graph.Parameter("body.weight").Pattern, distilled.Graph.Parameter("body.weight").Pattern);
        var (then, now) = (before["body.weight"].Values, distilled.Weights["body.weight"].Values);
        Assert.All(then.Zip(now), pair => Assert.Equal(pair.First == 0, pair.Second == 0));
        Assert.NotEqual(then, now);
        Assert.All(before.Names, name => Assert.Equal(before[name].Values, changed.Weights[name].Values));
    }

    [Fact]
    public void Weights_are_the_same_for_any_number_of_threads_and_others_for_another_seed()
    {
        var (original, changed, inputs) = Networks();
        var options = s_options with { Epochs = 2 };
        float[] Body(DistillationOptions own) =>
            UnlabelledDistillation.Distill(changed, original, inputs, own).Weights["body.weight"].Values;
        var once = Body(options with { Threads = 1 });
        Assert.Equal(once, Body(options with { Threads = 3 }));
        Assert.NotEqual(once, Body(options with { Seed = 2 }));
    }

    [Fact]
    public void A_teacher_with_folded_normalisations_answers_as_well()
    {
        var (original, changed, inputs) = Networks();
        var folded = Compiler.PassPipeline.Pack(original);
        Assert.DoesNotContain(folded.Graph.Nodes, node => node.Operator is BatchNorm);
        var distilled = UnlabelledDistillation.Distill(changed, folded, inputs, s_options);
        Assert.InRange(Difference(distilled, original, inputs), 0, 0.5 * Difference(changed, original, inputs));
    }

    [Fact]
    public void What_cannot_be_trained_or_has_other_classes_is_refused()
    {
        var (original, changed, inputs) = Networks();
        Assert.Equal("SUBP0582", Id(() => UnlabelledDistillation.Distill(changed, Network(11), inputs, s_options)));

        var builder = new GraphBuilder("smooth");
        var conv = builder.Conv2d("conv", builder.Input("x", new TensorShape(1, 3, 4, 4)), 16, Window.Square(4));
        builder.Output(builder.Node("sigmoid", new Activate(Activation.Sigmoid), conv));
        Assert.Equal("SUBP0508", Id(() => UnlabelledDistillation.Require(builder.Build())));
        UnlabelledDistillation.Require(original.Graph);

        static string Id(Action action) => Assert.Throws<SubpException>(action).Diagnostic.Descriptor.Id;
    }

    [Fact]
    public void What_learning_makes_worse_stays_as_it_was()
    {
        var (original, changed, inputs) = Networks();
        Assert.Same(changed, UnlabelledDistillation.Distill(changed, original, inputs, s_options with { LearningRate = 30, Epochs = 1 }));
    }

    [Fact]
    public void A_loss_out_of_bounds_ends_with_a_diagnostic()
    {
        var (original, changed, inputs) = Networks();
        var failure = Assert.Throws<SubpException>(() =>
            UnlabelledDistillation.Distill(changed, original, inputs, s_options with { LearningRate = 1e30 })
        );
        Assert.Equal("SUBP0506", failure.Diagnostic.Descriptor.Id);
    }

    private static (Model Original, Model Changed, IReadOnlyList<float[]> Inputs) Networks()
    {
        var original = Network(10);
        var random = new DeterministicRandom(5);
        var length = original.Graph.Inputs[0].Shape.ElementCount;
        float[][] inputs =
        [
            .. Enumerable.Range(0, Images).Select(_ => Enumerable.Range(0, length).Select(_ => (float)random.NextGaussian()).ToArray()),
        ];
        original = original with { Weights = Settled(original, inputs) };

        // Every group of the body keeps half of its input channels.
        var weights = TestNetworks.Copy(original.Weights);
        int[][] kept =
        [
            [.. Enumerable.Range(0, 8)],
            [.. Enumerable.Range(8, 8)],
        ];
        var pattern = new BlockPattern(16, 16, kept);
        var body = weights["body.weight"].Values;
        for (var index = 0; index < body.Length; index++)
        {
            if (!kept[index / (16 * 9) / 16].Contains(index / 9 % 16))
                body[index] = 0;
        }

        var parameters = original.Graph.Parameters.Select(parameter =>
            parameter.Name == "body.weight" ? parameter with { Pattern = pattern } : parameter
        );
        return (original, new Model(original.Graph.With(parameters: [.. parameters]), weights), inputs);
    }

    // Statistics of normalisations that are those of the inputs, as training leaves them.
    private static WeightSet Settled(Model model, float[][] inputs)
    {
        using var engine = new EmbeddedEngine(TestNetworks.Request(model.Graph, model.Weights, Images, threads: 1));
        float[] images = [.. inputs.SelectMany(input => input)];
        for (var step = 0; step < 80; step++)
            engine.ComputeGradients(images, new int[Images], labelSmoothing: 0);
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = new WeightTensor(model.Weights[name].Shape, [.. engine.Values(name)]);
        return weights;
    }

    private static Model Network(int classes)
    {
        var builder = new GraphBuilder("small");
        var x = builder.Input("x", new TensorShape(1, 3, 8, 8));
        x = builder.Node("relu0", Activate.Relu, builder.BatchNorm("norm0", builder.Conv2d("stem", x, 16, Window.Square(3, 1, 1))));
        x = builder.Node("relu1", Activate.Relu, builder.BatchNorm("norm1", builder.Conv2d("body", x, 32, Window.Square(3, 1, 1))));
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x));
        builder.Output(builder.Linear("fc", x, classes));
        var graph = builder.Build();
        return new Model(graph, TestNetworks.Data(graph, 1).Weights);
    }

    private static double Difference(Model model, Model original, IReadOnlyList<float[]> inputs)
    {
        var (own, wanted) = (Answers(model), Answers(original));
        return Math.Sqrt(own.Zip(wanted, (a, b) => (a - b) * (double)(a - b)).Average());

        float[] Answers(Model network)
        {
            using var engine = new EmbeddedEngine(TestNetworks.Request(network.Graph, network.Weights, Images, threads: 1));
            var outputs = new float[Images * 10];
            engine.Predict(inputs.SelectMany(input => input).ToArray(), Images, outputs);
            return outputs;
        }
    }
}
