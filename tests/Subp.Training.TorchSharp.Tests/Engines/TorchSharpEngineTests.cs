using Subp.Core.Diagnostics;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Tests.Engines;
using TorchSharp;

namespace Subp.Training.TorchSharp.Tests.Engines;

public class TorchSharpEngineTests
{
    private static readonly StepSettings Step = new(0.1f, 0.9f, 1e-4f, 0.1f, 2e-4f);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_number_of_live_tensors_is_the_same_after_every_step_and_none_outlives_its_engine(bool isRounded)
    {
        var graph = TestNetworks.All["residual"]();
        var (weights, images, labels) = TestNetworks.Data(graph, 5);
        var request = TestNetworks.Request(graph, weights, 5, 1) with { Rounding = isRounded ? new ByteRounding(8) : null };
        var provider = LibtorchFault.Provider;
        using (provider.Create(request)) { }

        long before = torch.Tensor.TotalCount;
        using (var engine = provider.Create(request))
        {
            engine.SetMask("c1.weight", new(36, 20, 9, 4), Sparsification.BlockMask.Ones(new(36, 20, 9, 4)));
            var outputs = new float[5 * 7];
            var counts = new List<long>();
            for (int step = 0; step < 6; step++)
            {
                engine.Train(images, labels, Step);
                engine.Predict(images, 5, outputs);
                foreach (string name in weights.Names)
                    engine.SetValues(name, engine.Values(name));

                counts.Add(torch.Tensor.TotalCount);
            }

            Assert.True(counts[0] > before);
            Assert.All(counts, count => Assert.Equal(counts[0], count));
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void An_engine_computes_with_its_own_number_of_threads_whatever_others_set()
    {
        var graph = TestNetworks.All["plain"]();
        var (weights, images, labels) = TestNetworks.Data(graph, 5);
        using var engine = LibtorchFault.Provider.Create(TestNetworks.Request(graph, weights, 5, 2));
        torch.set_num_threads(1);
        engine.Train(images, labels, Step);
        Assert.Equal(2, torch.get_num_threads());
        Assert.Contains("2 threads", engine.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tpu")]
    [InlineData("cpu:1")]
    [InlineData("cuda:x")]
    public void A_device_that_is_none_is_answered_with_SUBP0522(string device) => AssertDevice(device);

    [Fact]
    public void CUDA_without_a_GPU_is_answered_with_SUBP0522()
    {
        if (!torch.cuda.is_available())
            AssertDevice("cuda");
    }

    [Theory]
    [InlineData("resnet18", 32)]
    [InlineData("cifar-resnet20", 32)]
    [InlineData("mobilenet-v1", 32)]
    public void Networks_of_the_zoo_take_a_step(string name, int pixels)
    {
        var graph = ModelZoo.Build(name, new Core.Graphs.TensorShape(1, 3, pixels, pixels), 10);
        var weights = WeightInitializer.Initialize(graph, 1);
        using var engine = LibtorchFault.Provider.Create(TestNetworks.Request(graph, weights, 2, 2));
        var random = new Numerics.DeterministicRandom(1);
        float[] images = [.. Enumerable.Range(0, 2 * 3 * pixels * pixels).Select(_ => (float)random.NextGaussian())];
        double first = engine.Train(images, [1, 7], new StepSettings(0.01f, 0, 0, 0, 0)).Loss;
        double second = engine.Train(images, [1, 7], new StepSettings(0.01f, 0, 0, 0, 0)).Loss;
        Assert.True(double.IsFinite(first) && second < first, $"{first}, then {second}");
    }

    private static void AssertDevice(string device)
    {
        var graph = TestNetworks.All["plain"]();
        var request = new EngineRequest(graph, TestNetworks.Data(graph, 1).Weights, 1, new EngineSettings { Device = device });
        var exception = Assert.Throws<SubpException>(() => LibtorchFault.Provider.Create(request));
        Assert.Equal("SUBP0522", exception.Diagnostic.Descriptor.Id);
    }
}
