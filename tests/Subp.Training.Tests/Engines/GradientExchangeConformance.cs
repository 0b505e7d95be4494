using Subp.Training.Engines;

namespace Subp.Training.Tests.Engines;

/// <summary>What every training engine owes to data-parallel training.</summary>
public abstract class GradientExchangeConformance
{
    private const int Images = 6;

    protected abstract ITrainingEngineProvider Provider { get; }

    [Theory]
    [InlineData("residual")]
    [InlineData("wide")]
    [InlineData("slices")]
    public virtual void Gradients_are_sent_in_the_announced_order_before_any_is_received_and_an_idle_exchange_changes_no_bit(string network)
    {
        var graph = TestNetworks.All[network]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var alone = Provider.Create(TestNetworks.Request(graph, weights, Images, 2));
        using var engine = Provider.Create(TestNetworks.Request(graph, weights, Images, 2));
        var exchange = new Recorder(1);
        engine.GradientExchange = exchange;
        var settings = new StepSettings(0.1f, 0.9f, 1e-3f, 0.1f, 0f);
        for (int step = 0; step < 2; step++)
        {
            exchange.Calls.Clear();
            Assert.Equal(alone.Train(images, labels, settings), engine.Train(images, labels, settings));
        }

        string[] trained = [.. weights.Names.Where(name => engine.Gradient(name).Length > 0)];
        Assert.Equal(trained.Order(StringComparer.Ordinal), engine.GradientOrder.Order(StringComparer.Ordinal));
        Assert.Equal(
            [.. engine.GradientOrder.Select(name => "send " + name), .. engine.GradientOrder.Select(name => "receive " + name)],
            exchange.Calls
        );
        foreach (string name in weights.Names)
            Assert.Equal(alone.Values(name).ToArray(), engine.Values(name).ToArray());
    }

    [Fact]
    public virtual void What_is_received_is_what_the_optimiser_uses()
    {
        var graph = TestNetworks.All["pools"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var engine = Provider.Create(TestNetworks.Request(graph, weights, Images, 1));
        engine.GradientExchange = new Recorder(3);
        engine.Train(images, labels, new StepSettings(0.5f, 0f, 0f, 0f, 0f));
        using var alone = Provider.Create(TestNetworks.Request(graph, weights, Images, 1));
        alone.ComputeGradients(images, labels, 0);
        foreach (string name in weights.Names)
        {
            float[] expected =
            [
                .. weights[name].Values.Zip(alone.Gradient(name).ToArray(), (value, gradient) => value - (0.5f * 3 * gradient)),
            ];
            float[] found = engine.Values(name).ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], found[i], 1e-5f);
        }
    }

    [Fact]
    public virtual void The_mean_of_two_half_batches_is_the_gradient_of_the_whole_batch()
    {
        // Without batch normalisation, whose statistics are those of each half.
        var graph = TestNetworks.All["pools"]();
        var (weights, images, labels) = TestNetworks.Data(graph, Images);
        using var whole = Provider.Create(TestNetworks.Request(graph, weights, Images, 1));
        whole.ComputeGradients(images, labels, 0);
        var halves = new List<Dictionary<string, float[]>>();
        foreach (int half in new[] { 0, 1 })
        {
            using var engine = Provider.Create(TestNetworks.Request(graph, weights, Images, 1));
            engine.GradientExchange = new Recorder(0.5f);
            int length = images.Length / 2;
            engine.ComputeGradients(images.AsSpan(half * length, length), labels.AsSpan(half * Images / 2, Images / 2), 0);
            halves.Add(weights.Names.ToDictionary(name => name, name => engine.Gradient(name).ToArray()));
        }

        foreach (string name in weights.Names)
        {
            float[] expected = whole.Gradient(name).ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], halves[0][name][i] + halves[1][name][i], 1e-5f);
        }
    }

    private sealed class Recorder(float factor) : IGradientExchange
    {
        public List<string> Calls { get; } = [];

        public void Send(string parameter, ReadOnlySpan<float> gradient) => Calls.Add("send " + parameter);

        public void Receive(string parameter, Span<float> gradient)
        {
            Calls.Add("receive " + parameter);
            foreach (ref float value in gradient)
                value *= factor;
        }
    }
}
