using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Models;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Engines;

public class EmbeddedEngineTests : EngineConformance
{
    protected override ITrainingEngineProvider Provider => EmbeddedProvider.Instance;

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, 5);
        var gradients = new List<float[]>();
        foreach (int threads in new[] { 1, 3 })
        {
            using var engine = new EmbeddedEngine(TestNetworks.Request(graph, weights, 5, threads));
            engine.ComputeGradients(images, labels, 0);
            gradients.Add([.. weights.Names.SelectMany(name => engine.Gradient(name).ToArray())]);
        }

        Assert.Equal(gradients[0], gradients[1]);
    }

    [Theory]
    [InlineData("avx2")]
    [InlineData("portable")]
    public void Other_kernels_agree_with_the_best_one(string name)
    {
        if (Kernels.Find(name) is not { } kernel)
            return;

        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, 5);
        using var best = new EmbeddedEngine(TestNetworks.Request(graph, weights, 5, 1));
        using var other = new EmbeddedEngine(TestNetworks.Request(graph, weights, 5, 1), kernel);
        double expected = best.ComputeGradients(images, labels, 0).Loss;

        Assert.Equal(expected, other.ComputeGradients(images, labels, 0).Loss, 1e-5);
    }

    [Fact]
    public void The_profile_counts_the_work_of_every_layer_once()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, 5);
        using var engine = new EmbeddedEngine(TestNetworks.Request(graph, weights, 5, 1));
        engine.ComputeGradients(images, labels, 0);
        var profile = engine.TakeProfile();

        var conv = profile.Layers.Single(layer => layer.Name == "conv");
        double work = 2.0 * 16 * 3 * 9 * 7 * 7 * 5;
        Assert.Equal(work, conv.ForwardFlops);
        // The first layer has no data gradient.
        Assert.Equal(work, conv.BackwardFlops);
        Assert.True(profile.PeakFlopsPerSecond > 0 && profile.ForwardShareOfPeak > 0 && profile.BackwardShareOfPeak > 0);
        Assert.Equal(0, engine.TakeProfile().TotalSeconds);
    }

    [Theory]
    [InlineData("fashion-resnet8")]
    [InlineData("cifar-resnet20")]
    [InlineData("mobilenet-v1")]
    [InlineData("mobilenet-v2")]
    public void A_step_leaves_less_than_a_megabyte_of_garbage(string name)
    {
        const int Megabyte = 1 << 20;
        const int Batch = 8;
        var metadata = new ModelMetadata { ClassNames = ["a", "b", "c"] };
        var graph =
            name == FashionResNet8.Name ? FashionResNet8.Build(metadata) : ModelZoo.Build(name, new TensorShape(1, 3, 32, 32), 3, metadata);
        float[] images = new float[Batch * graph.Inputs[0].Shape.ElementCount];
        int[] labels = new int[Batch];
        var settings = new StepSettings(0.01f, 0.9f, 5e-4f, 0, 2e-4f);
        // One thread, so that the bytes of this thread are those of the engine and of nobody else.
        using var engine = new EmbeddedEngine(TestNetworks.Request(graph, WeightInitializer.Initialize(graph, 1), Batch, 1));
        foreach (var layer in LayerSelection.Select(graph, name == "mobilenet-v2" ? 8 : 16, 16, [], []))
            engine.SetMask(layer.Parameter, layer.Grid, BlockMask.Ones(layer.Grid));
        engine.Train(images, labels, settings);
        long before = GC.GetAllocatedBytesForCurrentThread();
        engine.Train(images, labels, settings);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Megabyte);
    }

    [Fact]
    public void A_network_with_two_outputs_is_answered_with_SUBP0508()
    {
        var builder = new GraphBuilder("two");
        string x = builder.Input("x", new TensorShape(1, 16, 1, 1));
        string flat = builder.Node("flat", new Flatten(), x);
        builder.Output(builder.Linear("a", flat, 4));
        builder.Output(builder.Linear("b", flat, 4));
        var graph = builder.Build();

        var exception = Assert.Throws<SubpException>(() =>
            new EmbeddedEngine(TestNetworks.Request(graph, WeightInitializer.Initialize(graph, 1), 1, 1))
        );

        Assert.Equal("SUBP0508", exception.Diagnostic.Descriptor.Id);
    }
}
