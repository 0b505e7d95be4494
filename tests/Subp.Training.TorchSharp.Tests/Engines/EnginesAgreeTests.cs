using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Sparsification;
using Subp.Training.Tests.Engines;

namespace Subp.Training.TorchSharp.Tests.Engines;

/// <summary>
/// The two engines side by side: losses to 1e-5, and every tensor to 5e-5 of its largest value after three steps, which is what float32
/// sums in another order come to. Where values are rounded, such sums may lie on either side of the middle between two bytes; a few bytes
/// that are one step apart come to a thousandth of the loss and a fiftieth of a tensor in these networks.
/// </summary>
public class EnginesAgreeTests
{
    private const int Images = 5;

    public static TheoryData<string> Networks() => [.. TestNetworks.All.Keys];

    [TheoryOfValues]
    [MemberData(nameof(Networks))]
    public void Three_steps_gradients_statistics_and_predictions_agree(string network) => AssertAgree(network, channelsLast: false);

    [TheoryOfValues]
    [MemberData(nameof(Networks))]
    public void They_agree_on_bytes(string network) =>
        AssertAgree(network, channelsLast: false, new ByteRounding(8), lossTolerance: 1e-3, tolerance: 2e-2f);

    [Theory]
    [InlineData(8)]
    [InlineData(7)]
    public void Bytes_of_sums_that_are_exact_have_the_same_bits(int weightBits)
    {
        var (graph, weights, images) = ExactSums.Create(weightBits);
        var request = new EngineRequest(graph, weights, 1, new EngineSettings { Threads = 1 }) { Rounding = new ByteRounding(weightBits) };
        using var embedded = EmbeddedProvider.Instance.Create(request);
        using var torch = LibtorchFault.Provider.Create(request);
        var expected = new float[ExactSums.Classes];
        var found = new float[ExactSums.Classes];
        foreach (var (engine, outputs) in new[] { (embedded, expected), (torch, found) })
        {
            engine.ComputeGradients(images, [0], 0);
            engine.Predict(images, 1, outputs);
        }

        Assert.Equal(expected, found);
        Assert.Equal(embedded.Ranges, torch.Ranges);
        Assert.All(torch.Ranges, range => Assert.Equal(embedded.Values(range.Value).ToArray(), torch.Values(range.Value).ToArray()));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void They_agree_with_channels_last(string network) => AssertAgree(network, channelsLast: true);

    private static void AssertAgree(
        string network,
        bool channelsLast,
        ByteRounding? rounding = null,
        double lossTolerance = 1e-5,
        float tolerance = 5e-5f
    )
    {
        var graph = TestNetworks.All[network]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        var settings = new EngineSettings { Threads = 2 };
        using var embedded = EmbeddedProvider.Instance.Create(
            new EngineRequest(graph, weights, Images + 1, settings) { Rounding = rounding }
        );
        using var torch = LibtorchFault.Provider.Create(
            new EngineRequest(graph, weights, Images + 1, settings with { ChannelsLast = channelsLast }) { Rounding = rounding }
        );
        string masked = weights.Names.First(name => weights[name].Shape.Rank == 4);
        var shape = weights[masked].Shape;
        var grid = new BlockGrid(shape[0], shape[1], shape[2] * shape[3], 1);
        var mask = BlockMask.FromBytes(shape[0], shape[1], [.. Enumerable.Range(0, shape[0] * shape[1]).Select(i => (byte)(i % 3))]);
        foreach (var engine in new[] { embedded, torch })
            engine.SetMask(masked, grid, mask);

        for (int step = 0; step < 3; step++)
        {
            var expected = embedded.Train(images, labels, new StepSettings(0.02f, 0.9f, 1e-3f, 0.1f, 1e-2f));
            var found = torch.Train(images, labels, new StepSettings(0.02f, 0.9f, 1e-3f, 0.1f, 1e-2f));
            Assert.Equal(expected.Loss, found.Loss, lossTolerance);
            Assert.Equal(expected.Correct, found.Correct);
        }

        foreach (string name in weights.Names.Concat(embedded.Ranges.Select(range => range.Value)))
        {
            AssertClose(name, embedded.Values(name), torch.Values(name), tolerance);
            AssertClose(name + " gradient", embedded.Gradient(name), torch.Gradient(name), tolerance);
            AssertClose(name + " momentum", embedded.Momentum(name), torch.Momentum(name), tolerance);
        }

        int classes = graph.ShapeOf(graph.Outputs[0]).Channels;
        var left = new float[Images * classes];
        var right = new float[Images * classes];
        embedded.Predict(images, Images, left);
        torch.Predict(images, Images, right);
        AssertClose("prediction", left, right, tolerance);
    }

    private static void AssertClose(string name, ReadOnlySpan<float> expected, ReadOnlySpan<float> found, float tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        // The bias of a convolution before a normalisation has no gradient but rounding.
        float scale = 5e-2f;
        foreach (float value in expected)
            scale = Math.Max(scale, Math.Abs(value));

        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - found[i]) <= tolerance * scale, $"{name}[{i}]: {expected[i]} and {found[i]}");
    }
}
