using Subp.Compiler;
using Subp.Compiler.Families.DirectConvolutions;
using Subp.Compiler.Families.IntegerConvolutions;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;
using Subp.Tooling.Tuning;

namespace Subp.Tooling.Tests.Tuning;

/// <summary>Tuning with a clock that is told what to say.</summary>
public sealed class NetworkTunerTests
{
    private static readonly CompileOptions s_options = new() { InstructionSets = [InstructionSet.Portable] };

    [Fact]
    public void The_fastest_kernel_of_a_layer_becomes_its_hint_and_the_plan_obeys_it()
    {
        var result = Tune(
            (layer, _) => layer is ConvolutionPlan { GroupOutside: var groups } && layer.Node.Name == "point" && groups ? 50 : 100
        );
        Assert.Equal(["point"], result.Hints.Nodes);
        Assert.Equal("groups", result.Hints.Find("point", "loop"));
        var plan = ModelPlanner.Plan(s_model.Graph, s_options with { Hints = result.Hints });
        Assert.True(Assert.IsType<ConvolutionPlan>(plan.Layers.Single(layer => layer.Node.Name == "point")).GroupOutside);
        var point = result.Layers.Single(layer => layer.Node == "point");
        Assert.Equal((0.5, 50), (point.Winner!.Gain, point.Winner.Microseconds));
        Assert.Equal(result.PlannedMicroseconds - 50, result.TunedMicroseconds);
    }

    [Fact]
    public void A_gain_within_the_margin_is_no_hint() =>
        Assert.True(Tune((layer, _) => layer is ConvolutionPlan { GroupOutside: true } ? 98 : 100).Hints.IsEmpty);

    [Fact]
    public void A_gain_within_the_spread_is_no_hint() =>
        Assert.True(
            Tune((layer, round) => layer is ConvolutionPlan { GroupOutside: true } ? (round % 2 == 0 ? 60 : 125) : 100).Hints.IsEmpty
        );

    [Fact]
    public void Layers_of_one_signature_share_their_measurements()
    {
        // One of the twins seems to lose; together they win.
        var result = Tune(
            (layer, _) =>
                layer is ConvolutionPlan { GroupOutside: true }
                    ? (
                        layer.Node.Name == "twin1" ? 40
                        : layer.Node.Name == "twin2" ? 110
                        : 100
                    )
                    : 100
        );
        Assert.Equal(["twin1", "twin2"], result.Hints.Nodes);
        Assert.Equal(result.Hints.Of("twin1"), result.Hints.Of("twin2"));
    }

    [Fact]
    public void There_are_as_many_networks_as_candidates_and_each_layer_has_its_own()
    {
        var networks = 0;
        var result = Tune((_, _) => 100, count => networks = Math.Max(networks, count));
        Assert.Equal(1 + result.Layers.Max(layer => layer.Candidates.Count), networks);
        Assert.All(
            result.Layers,
            layer => Assert.Equal(layer.Candidates.Count, layer.Candidates.Select(candidate => candidate.Hints).Distinct().Count())
        );
        Assert.True(result.Hints.IsEmpty);
    }

    [Fact]
    public void A_cancelled_tuning_ends()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            new NetworkTuner(s_model, s_options, new TuningOptions(), new ProfiledTimer()).Tune(s_input, (_, _) => { }, cancelled.Token)
        );
    }

    [Fact]
    public void A_real_clock_measures_every_layer_of_every_network()
    {
        var result = new NetworkTuner(s_model, s_options, new TuningOptions { Candidates = 1, Rounds = 2 }, new ProfiledTimer()).Tune(
            s_input,
            (_, _) => { },
            CancellationToken.None
        );
        Assert.Equal(2, result.Rounds);
        Assert.All(result.Layers, layer => Assert.True(layer.Planned.Microseconds > 0));
        Assert.True(result.TunedMicroseconds > 0);
    }

    [Fact]
    public void A_cut_of_a_layer_of_bytes_becomes_its_hint()
    {
        var model = RandomWeights.For(QuantizedGraph.Of(Network(), seed: 1), seed: 1);
        var result = Tune(model, (layer, _) => layer is IntegerConvolutionPlan { BandRows: 1 } ? 50 : 100);
        Assert.NotEmpty(result.Hints.Nodes);
        Assert.All(result.Hints.Nodes, node => Assert.Equal("1", result.Hints.Find(node, "band")));
    }

    // A kernel that rounds otherwise makes other bytes of some of the floats, and outputs differ by whole steps.
    [Fact]
    public void Candidates_may_round_otherwise_where_computed_floats_become_bytes()
    {
        var builder = new GraphBuilder("mixed");
        var value = builder.Input("image", new TensorShape(1, 32, 28, 28));
        value = builder.Conv2d("stem", value, 32, Window.Square(1), bias: true);
        value = builder.Conv2d("float", value, 64, Window.Square(3, padding: 1), pattern: DrawnPattern.Uniform(16, 64, 32, 5));
        value = builder.Node("bytes", new Quantize(), new Quantization(0.02f, 128), value);
        builder.Output(builder.Node("real", new Dequantize(), value));
        var model = RandomWeights.For(builder.Build(), seed: 1);
        Assert.NotEmpty(Tune(model, (_, _) => 100).Layers.Single(layer => layer.Node == "float").Candidates);
    }

    private static readonly Model s_model = RandomWeights.For(Network(), seed: 1);
    private static readonly float[] s_input = RandomWeights.Input(s_model.Graph.Inputs[0].Shape, seed: 2);

    private static TuningResult Tune(Func<LayerPlan, int, double> time, Action<int>? networks = null) => Tune(s_model, time, networks);

    private static TuningResult Tune(Model model, Func<LayerPlan, int, double> time, Action<int>? networks = null) =>
        new NetworkTuner(model, s_options, new TuningOptions { Candidates = 3, Rounds = 8 }, new ToldTimer(time, networks)).Tune(
            RandomWeights.Input(model.Graph.Inputs[0].Shape, seed: 2),
            (_, _) => { },
            CancellationToken.None
        );

    private static Graph Network()
    {
        var builder = new GraphBuilder("net");
        var value = builder.Conv2d("stem", builder.Input("image", new TensorShape(1, 16, 9, 8)), 32, Window.Square(3, 2, 1), bias: true);
        value = builder.Conv2d(
            "twin1",
            value,
            32,
            Window.Square(1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 32, 32, 5),
            activation: Activation.Relu
        );
        value = builder.Conv2d(
            "twin2",
            value,
            32,
            Window.Square(1),
            bias: true,
            pattern: DrawnPattern.Uniform(16, 32, 32, 5),
            activation: Activation.Relu
        );
        builder.Output(builder.Conv2d("point", value, 48, Window.Square(1), bias: true, pattern: DrawnPattern.Uniform(16, 48, 32, 9)));
        return builder.Build();
    }

    private sealed class ToldTimer(Func<LayerPlan, int, double> time, Action<int>? count) : ILayerTimer
    {
        public IReadOnlyList<IReadOnlyList<double[]>> Measure(
            IReadOnlyList<TimedNetwork> networks,
            TuningOptions options,
            Action<double, string> progress,
            CancellationToken cancellation
        )
        {
            count?.Invoke(networks.Count);
            return
            [
                .. networks.Select(network =>
                    Enumerable
                        .Range(0, options.Rounds)
                        .Select(round => network.Plan.Layers.Select(layer => time(layer, round)).ToArray())
                        .ToArray()
                ),
            ];
        }
    }
}
