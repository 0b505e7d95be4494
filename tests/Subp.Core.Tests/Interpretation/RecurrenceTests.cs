using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

/// <summary>Recurrences of one hidden unit against their definitions written out, and what shape inference refuses.</summary>
public sealed class RecurrenceTests
{
    private static readonly Recurrence s_lstm = new() { Kind = RecurrenceKind.Lstm, Weight = "r" };
    private static readonly Recurrence s_gru = new() { Kind = RecurrenceKind.Gru, Weight = "r" };
    private static readonly Recurrence s_simple = new() { Kind = RecurrenceKind.Simple, Weight = "r" };

    [Fact]
    public void An_lstm_keeps_cells_beside_its_state()
    {
        double[] x = [0.3, -0.2, 0.9, 0.5, -0.4, 0.8, 0.1, -0.7];
        double[] r = [0.5, -1, 0.25, 2];
        var (h, c) = (0.0, 0.0);
        var expected = new List<double>();
        for (var step = 0; step < 2; step++)
        {
            double Gate(int gate) => x[(4 * step) + gate] + (r[gate] * h);
            c = (Sigmoid(Gate(2)) * c) + (Sigmoid(Gate(0)) * Math.Tanh(Gate(3)));
            h = Sigmoid(Gate(1)) * Math.Tanh(c);
            expected.Add(h);
        }

        Near([.. expected, c], Run(s_lstm with { KeepsCell = true }, [2, 1, 4], x, r));
        Near(expected, Run(s_lstm, [2, 1, 4], x, r));
        Assert.NotEqual(expected[1], h - c);
    }

    [Fact]
    public void A_gru_resets_the_state_or_its_product()
    {
        double[] x = [0.3, -0.2, 0.9];
        double[] r = [0.5, -1, 0.25];
        const double First = 0.6,
            Bias = 0.4;
        var (update, reset) = (Sigmoid(0.3 + (0.5 * First)), Sigmoid(-0.2 - First));
        double Next(double candidate) => ((1 - update) * candidate) + (update * First);
        Near([Next(Math.Tanh(0.9 + (0.25 * reset * First)))], Run(s_gru, [1, 1, 3], x, r, [First]));
        var product = s_gru with { ResetsProduct = true, Bias = "b" };
        Near([Next(Math.Tanh(0.9 + (reset * ((0.25 * First) + Bias))))], Run(product, [1, 1, 3], x, r, [First], Bias));
    }

    [Fact]
    public void A_simple_layer_applies_one_function_in_either_direction()
    {
        double[] x = [0.5, -2, 1];
        var second = Math.Tanh(-2 + (0.5 * Math.Tanh(0.5)));
        Near([Math.Tanh(0.5), second, Math.Tanh(1 + (0.5 * second))], Run(s_simple, [3, 1, 1], x, [0.5]));
        // From the last to the first: 1, then max(-2 + 0.5, 0), then 0.5.
        Near([0.5, 0, 1], Run(s_simple with { IsRelu = true, IsReverse = true }, [3, 1, 1], x, [0.5]));
    }

    [Fact]
    public void Every_step_of_every_sequence_costs_the_weight_once()
    {
        var graph = Graph(s_gru, [5, 2, 12], 4, [], null);
        Assert.Equal(new LayerCost(5 * 2 * 12 * 4, 5 * 2 * 12 * 4, 48, 48), LayerCost.Of(graph, graph.Nodes[^1]));
    }

    [Fact]
    public void Shapes_and_forms_that_do_not_fit_are_refused_when_the_graph_is_built()
    {
        Refused("[steps, batch, 16]", () => Graph(s_lstm, [5, 2, 12], 4, [], null));
        Refused("[steps, batch, 16]", () => Graph(s_lstm, [5, 16], 4, [], null));
        Refused("[3 * hidden, hidden]", () => Graph(s_gru, [5, 2, 16], 4, [], null, gates: 4));
        Refused(
            "[2,4]",
            () =>
                Graph(
                    s_gru,
                    [5, 2, 12],
                    4,
                    [
                        [2, 3],
                    ],
                    null
                )
        );
        Refused(
            "both, or neither",
            () =>
                Graph(
                    s_lstm,
                    [5, 2, 16],
                    4,
                    [
                        [2, 4],
                    ],
                    null
                )
        );
        Refused("which alone has cells", () => Graph(s_gru with { KeepsCell = true }, [5, 2, 12], 4, [], null));
        Refused("which alone resets", () => Graph(s_lstm with { ResetsProduct = true }, [5, 2, 16], 4, [], null));
        Refused("an rnn", () => Graph(s_lstm with { IsRelu = true }, [5, 2, 16], 4, [], null));
        Refused("belongs to the input", () => Graph(s_gru with { Bias = "b" }, [5, 2, 12], 4, [], 4));
        Refused("[4]", () => Graph(s_gru with { Bias = "b", ResetsProduct = true }, [5, 2, 12], 4, [], 3));
    }

    private static void Refused(string expected, Action build)
    {
        var failure = Assert.Throws<SubpException>(build);
        Assert.Equal(DiagnosticDescriptors.ShapeMismatch, failure.Diagnostic.Descriptor);
        Assert.Contains(expected, failure.Diagnostic.Expected, StringComparison.Ordinal);
    }

    private static void Near(IReadOnlyList<double> expected, double[] found)
    {
        Assert.Equal(expected.Count, found.Length);
        for (var index = 0; index < found.Length; index++)
            Assert.Equal(expected[index], found[index], 1e-6);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Run(Recurrence layer, int[] shape, double[] x, double[] r, double[]? first = null, double bias = 0)
    {
        var graph = Graph(
            layer,
            shape,
            1,
            first is null
                ? []
                :
                [
                    [1, 1],
                ],
            layer.Bias is null ? null : 1
        );
        var weights = new WeightSet { ["r"] = new WeightTensor(new TensorShape(layer.Gates, 1), Floats(r)) };
        if (layer.Bias is not null)
            weights["b"] = new WeightTensor(new TensorShape(1), [(float)bias]);
        var inputs = new Dictionary<string, float[]> { ["x"] = Floats(x), ["s0"] = Floats(first ?? []) };
        return [.. new ReferenceInterpreter(new Model(graph, weights)).RunAll(inputs)["y"]];
    }

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static Graph Graph(Recurrence layer, int[] shape, int hidden, int[][] states, int? bias, int? gates = null)
    {
        var builder = new GraphBuilder("recurrent");
        builder.Parameter("r", new TensorShape((gates ?? layer.Gates) * hidden, hidden));
        if (bias is { } length)
            builder.Parameter("b", new TensorShape(length));
        var x = builder.Input("x", new TensorShape(shape));
        string[] first = [.. states.Select((state, index) => builder.Input($"s{index}", new TensorShape(state)))];
        builder.Output(builder.Node("y", layer, [x, .. first]));
        return builder.Build();
    }
}
