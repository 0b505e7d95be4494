using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Engines;

/// <summary>
/// What every training engine must do, written against the interface. A new engine derives a class and supplies
/// <see cref="Provider"/>.
/// </summary>
public abstract class EngineConformance
{
    private const int Images = 5;

    public static TheoryData<string> Networks() => [.. TestNetworks.Small];

    protected abstract ITrainingEngineProvider Provider { get; }

    /// <summary>How far predictions may differ with the size of the batch, for which a library may choose another algorithm.</summary>
    protected virtual float PredictionTolerance => 0;

    protected ITrainingEngine Create(Graph graph, WeightSet weights, int batchCapacity, int threads) =>
        Provider.Create(TestNetworks.Request(graph, weights, batchCapacity, threads));

    [Theory]
    [Trait("speed", "slow")]
    [MemberData(nameof(Networks))]
    public virtual void Loss_and_gradients_agree_with_finite_differences(string network) =>
        AssertFiniteDifferences(TestNetworks.All[network]());

    protected void AssertFiniteDifferences(Graph graph, TeacherAnswers? teacher = null)
    {
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var engine = Create(graph, weights, Images + 1, threads: 2);
        engine.Teacher = teacher;
        var result = engine.ComputeGradients(images, labels, 0.1f);

        var exact = weights.Names.ToDictionary(name => name, name => weights[name].Values.Select(value => (double)value).ToArray());
        var oracle = new DoubleNetwork(graph, exact);
        double[] wide = [.. images.Select(value => (double)value)];
        Assert.Equal(oracle.Loss(wide, labels, 0.1f, teacher), result.Loss, 1e-5);

        var random = new DeterministicRandom(99);
        foreach (string name in weights.Names.Where(name => engine.Gradient(name).Length > 0))
        {
            for (int sample = 0; sample < 4; sample++)
            {
                int i = random.NextInt32(exact[name].Length);
                double value = exact[name][i];
                exact[name][i] = value + 1e-5;
                double above = oracle.Loss(wide, labels, 0.1f, teacher);
                exact[name][i] = value - 1e-5;
                double below = oracle.Loss(wide, labels, 0.1f, teacher);
                exact[name][i] = value;
                double difference = (above - below) / 2e-5;
                double found = engine.Gradient(name)[i];
                Assert.True(
                    Math.Abs(difference - found) < 2e-5 + (2e-3 * Math.Abs(difference)),
                    $"{name}[{i}]: {difference} against {found}"
                );
            }
        }
    }

    [Fact]
    [Trait("speed", "slow")]
    public void With_a_teacher_loss_and_gradients_agree_with_finite_differences()
    {
        var graph = TestNetworks.All.Values.First()();
        int classes = graph.ShapeOf(graph.Outputs[0]).Channels;
        var random = new DeterministicRandom(41);
        float[] answers = [.. Enumerable.Range(0, Images * classes).Select(_ => (float)(3 * random.NextGaussian()))];
        AssertFiniteDifferences(graph, new TeacherAnswers(answers, 0.3f, 2.5f));
    }

    [Fact]
    public void A_masked_weight_gets_the_unmasked_gradient_and_the_decay_and_keeps_its_value()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        var grid = new BlockGrid(16, 3, 9, 16);
        var mask = BlockMask.FromBytes(1, 3, [1, 0, 1]);
        var zeroed = TestNetworks.Copy(weights);
        mask.Apply(grid, zeroed["conv.weight"].Values);

        using var masked = Create(graph, weights, Images, threads: 1);
        using var dense = Create(graph, zeroed, Images, threads: 1);
        masked.SetMask("conv.weight", grid, mask);
        var settings = new StepSettings(0.5f, 0f, 0f, 0f, SparseRefinement: 0.01f);
        masked.ComputeGradients(images, labels, 0);
        Assert.Equal(weights["conv.weight"].Values, masked.Values("conv.weight").ToArray());
        masked.Train(images, labels, settings);
        dense.ComputeGradients(images, labels, 0);

        int pruned = 0;
        for (int i = 0; i < grid.WeightCount; i++)
        {
            float before = weights["conv.weight"].Values[i];
            float gradient = dense.Gradient("conv.weight")[i];
            bool kept = mask[0, i / 9 % 3];
            float expected = before - (0.5f * (gradient + (kept ? 0 : 0.01f * before)));
            Assert.Equal(expected, masked.Values("conv.weight")[i], 1e-6f);
            pruned += kept || gradient == 0 ? 0 : 1;
        }

        Assert.True(pruned > 0);
    }

    [Fact]
    public void Momentum_and_decay_follow_the_definition()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var engine = Create(graph, weights, Images, threads: 1);
        var settings = new StepSettings(0.1f, 0.9f, 0.01f, 0f, 0f);
        foreach (string name in new[] { "conv.weight", "fc.weight", "fc.bias", "norm.scale" })
            engine.SetMomentum(name, [.. Enumerable.Repeat(0.25f, weights[name].Values.Length)]);

        engine.Train(images, labels, settings);
        foreach (string name in new[] { "conv.weight", "fc.weight", "fc.bias", "norm.scale" })
        {
            float decay = name.EndsWith("weight", StringComparison.Ordinal) ? 0.01f : 0f;
            for (int i = 0; i < weights[name].Values.Length; i++)
            {
                float velocity = (0.9f * 0.25f) + engine.Gradient(name)[i] + (decay * weights[name].Values[i]);
                Assert.Equal(velocity, engine.Momentum(name)[i], 1e-6f);
                Assert.Equal(weights[name].Values[i] - (0.1f * velocity), engine.Values(name)[i], 1e-6f);
            }
        }
    }

    [Fact]
    public void Running_statistics_move_and_prediction_uses_them()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var engine = Create(graph, weights, Images, threads: 2);
        var first = new float[Images * 10];
        var second = new float[Images * 10];
        engine.Predict(images, Images, first);
        engine.ComputeGradients(images, labels, 0);
        engine.Predict(images, Images, second);
        Assert.NotEqual(first, second);
        Assert.NotEqual(weights["norm.mean"].Values, engine.Values("norm.mean").ToArray());

        // A prediction does not depend on what else is in the batch.
        var single = new float[10];
        engine.Predict(images.AsSpan(0, images.Length / Images), 1, single);
        for (int i = 0; i < single.Length; i++)
            Assert.Equal(second[i], single[i], PredictionTolerance);
    }

    [Fact]
    public virtual void The_same_steps_give_the_same_bits()
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        var runs = new List<float[]>();
        foreach (int threads in new[] { 2, 2 })
        {
            using var engine = Create(graph, weights, Images, threads);
            for (int step = 0; step < 3; step++)
                engine.Train(images, labels, new StepSettings(0.1f, 0.9f, 1e-4f, 0.1f, 0f));

            runs.Add([.. weights.Names.SelectMany(name => engine.Values(name).ToArray())]);
        }

        Assert.Equal(runs[0], runs[1]);
    }

    [Fact]
    public virtual void Weights_momentum_and_statistics_taken_out_and_put_into_another_engine_go_on_with_the_same_bits()
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        var settings = new StepSettings(0.1f, 0.9f, 1e-4f, 0.1f, 2e-4f);
        var (grid, mask) = (
            new BlockGrid(36, 20, 9, 4),
            BlockMask.FromBytes(9, 20, [.. Enumerable.Range(0, 180).Select(i => (byte)(i % 3))])
        );
        using var first = Create(graph, weights, Images, threads: 2);
        first.SetMask("c1.weight", grid, mask);
        first.Train(images, labels, settings);
        first.Train(images, labels, settings);

        using var second = Create(graph, TestNetworks.Data(graph, 1).Weights, Images, threads: 2);
        second.SetMask("c1.weight", grid, mask);
        foreach (string name in weights.Names)
        {
            second.SetValues(name, first.Values(name));
            second.SetMomentum(name, first.Momentum(name));
        }

        second.RestoreRandomState(first.SaveRandomState());
        Assert.Equal(first.Train(images, labels, settings), second.Train(images, labels, settings));
        foreach (string name in weights.Names)
        {
            Assert.Equal(first.Values(name).ToArray(), second.Values(name).ToArray());
            Assert.Equal(first.Momentum(name).ToArray(), second.Momentum(name).ToArray());
        }
    }

    [Fact]
    public void A_step_that_no_memory_can_hold_is_answered_with_SUBP0524_and_names_network_and_batch()
    {
        var builder = new GraphBuilder("enormous");
        string x = builder.Input("x", new TensorShape(1, 3, 4096, 4096));
        x = builder.Node("flat", new Flatten(), builder.Node("pool", new GlobalAveragePool(), x));
        builder.Output(builder.Linear("fc", x, 10));
        var graph = builder.Build();
        // More bytes than an address of 47 bits can name, so that no system promises them.
        var exception = Assert.Throws<SubpException>(() => Create(graph, WeightInitializer.Initialize(graph, 1), 1 << 20, threads: 1));
        Assert.Equal("SUBP0524", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("network 'enormous', batch of 1048576 images of 3 x 4096 x 4096", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_lengths_and_labels_are_refused()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var engine = Create(graph, weights, Images, threads: 1);

        Assert.Throws<ArgumentException>(() => engine.ComputeGradients(images.AsSpan(1), labels, 0));
        Assert.Throws<ArgumentException>(() => engine.ComputeGradients(images, [0, 1, 2, 3, 10], 0));
        Assert.Throws<ArgumentException>(() => engine.Predict(images, Images, new float[3]));
        Assert.Throws<ArgumentException>(() => engine.SetValues("fc.bias", new float[3]));
        Assert.Throws<KeyNotFoundException>(() => engine.Values("nothing").ToArray());
        Assert.Throws<ArgumentException>(() =>
            engine.SetMask("fc.bias", new BlockGrid(16, 3, 9, 16), BlockMask.FromBytes(1, 3, [1, 1, 1]))
        );
    }
}
