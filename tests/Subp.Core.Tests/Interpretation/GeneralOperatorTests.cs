using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

/// <summary>The operators for values of any rank, against results worked out by hand or recorded from NumPy.</summary>
public class GeneralOperatorTests
{
    private static readonly float[] Six = [1, 2, 3, 4, 5, 6];

    [Theory]
    [InlineData(ActivationKind.Tanh, 0.5f, 0.46211715726)]
    [InlineData(ActivationKind.Elu, -1f, -0.63212055883)]
    [InlineData(ActivationKind.Selu, -1f, -1.11133072942)]
    [InlineData(ActivationKind.Selu, 2f, 2.10140204429)]
    [InlineData(ActivationKind.LeakyRelu, -2f, -0.02)]
    [InlineData(ActivationKind.ThresholdedRelu, 1f, 0)]
    [InlineData(ActivationKind.Shrink, -2f, -2)]
    [InlineData(ActivationKind.Shrink, 0.25f, 0)]
    [InlineData(ActivationKind.Softplus, 1f, 1.31326168752)]
    [InlineData(ActivationKind.Softplus, 900f, 900)]
    [InlineData(ActivationKind.Softsign, -3f, -0.75)]
    [InlineData(ActivationKind.Mish, 1f, 0.86509838826)]
    [InlineData(ActivationKind.Gelu, 1f, 0.84134474607)]
    [InlineData(ActivationKind.GeluTanh, 1f, 0.84119199060)]
    [InlineData(ActivationKind.Erf, 0.5f, 0.52049987781)]
    [InlineData(ActivationKind.Erf, -3f, -0.99997790950)]
    [InlineData(ActivationKind.Round, 2.5f, 2)]
    [InlineData(ActivationKind.Round, -1.5f, -2)]
    [InlineData(ActivationKind.Truncate, -1.75f, -1)]
    [InlineData(ActivationKind.Sign, -4f, -1)]
    [InlineData(ActivationKind.Not, 0f, 1)]
    [InlineData(ActivationKind.IsNaN, float.NaN, 1)]
    [InlineData(ActivationKind.Asinh, -2f, -1.44363547518)]
    [InlineData(ActivationKind.Acosh, 2f, 1.31695789692)]
    [InlineData(ActivationKind.Atanh, 0.5f, 0.54930614433)]
    public void A_function_follows_its_definition(ActivationKind kind, float x, double expected) =>
        Assert.Equal(expected, Run(new Activate(Activation.Of(kind)), ([1], [x]))[0], 1e-7);

    [Fact]
    public void A_NaN_stays_a_NaN_in_every_function_but_the_masks()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>().Except([ActivationKind.Not, ActivationKind.IsNaN, ActivationKind.Shrink]))
        {
            var activation = kind == ActivationKind.Clamp ? Activation.Relu6 : Activation.Of(kind);
            Assert.True(double.IsNaN(activation.Apply(double.NaN)), $"{kind}");
        }
    }

    [Fact]
    public void Two_values_are_repeated_along_what_they_lack()
    {
        Assert.Equal([11, 12, 13, 24, 25, 26], Run(new Add(), ([2, 3], Six), ([2, 1], [10, 20])));
        Assert.Equal([9, 18, 27, 6, 15, 24], Run(Of(BinaryKind.Subtract), ([3], [10, 20, 30]), ([2, 3], Six)));
        Assert.Equal([2, 4, 6, 8, 10, 12], Run(new Mul(), ([], [2]), ([6], Six)));
        Assert.Equal([-2, 2], Run(Of(BinaryKind.ParametricRelu), ([1, 2], [-4, 2]), ([2], [0.5f, 0.5f])));
        Assert.Equal([1, -1, 2, -2], Run(Of(BinaryKind.Modulo), ([4], [-5, 5, 5, -5]), ([4], [3, -3, 3, -3])));
        Assert.Equal([-2, 2], Run(Of(BinaryKind.Remainder), ([2], [-5, 5]), ([1], [3])));
        Assert.Equal([0, 1, 1], Run(Of(BinaryKind.GreaterOrEqual), ([3], [1, 2, 3]), ([], [2])));
        Assert.Equal([1, 20, 3], Run(new Where(), ([3], [1, 0, 1]), ([3], [1, 2, 3]), ([3], [10, 20, 30])));
        Assert.Throws<SubpException>(() => Run(new Add(), ([2], [1, 2]), ([3], [1, 2, 3])));
    }

    [Fact]
    public void A_reduction_combines_the_elements_along_its_axes()
    {
        Assert.Equal([5, 7, 9], Run(Reduction(ReduceKind.Sum, 0), ([2, 3], Six)));
        Assert.Equal([2, 5], Run(Reduction(ReduceKind.Mean, 1), ([2, 3], Six)));
        Assert.Equal([720], Run(Reduction(ReduceKind.Product, 0, 1), ([2, 3], Six)));
        Assert.Equal([5], Run(Reduction(ReduceKind.L2, 0), ([2], [3, -4])));
        Assert.Equal([7], Run(Reduction(ReduceKind.L1, 0), ([2], [3, -4])));
        Assert.Equal([1000 + Math.Log(2)], Run(Reduction(ReduceKind.LogSumExp, 0), ([2], [1000, 1000])));
        Assert.Equal([1, 0], Run(new ArgExtreme { Axis = 1 }, ([2, 2], [1, 3, 2, 2])));
        Assert.Equal(
            [0, 1],
            Run(
                new ArgExtreme
                {
                    Axis = 1,
                    IsMinimum = true,
                    SelectsLast = true,
                },
                ([2, 2], [1, 3, 2, 2])
            )
        );
    }

    [Fact]
    public void The_best_are_named_best_first_equal_ones_in_their_order_and_what_is_no_number_last()
    {
        TopIndices Top(int axis, int count, bool smallest = false) =>
            new()
            {
                Axis = axis,
                Count = count,
                IsSmallest = smallest,
            };
        Assert.Equal([1, 3, 0], Run(Top(0, 3), ([5], [2, 7, float.NaN, 7, 1])));
        Assert.Equal([4, 0, 1, 3, 2], Run(Top(0, 5, smallest: true), ([5], [2, 7, float.NaN, 7, 1])));
        Assert.Equal([1, 0, 0, 1], Run(Top(0, 2), ([2, 2], [1, 3, 2, 2])));
        Assert.Equal([1, 0], Run(Top(1, 1), ([2, 2], [1, 3, 2, 2])));
    }

    [Fact]
    public void Softmax_runs_along_any_axis()
    {
        Assert.Equal([0.25, 0.5, 0.75, 0.5], Run(new Softmax { Axis = 0 }, ([2, 2], [0, 1, MathF.Log(3), 1])), Near);
        Assert.Equal([-MathF.Log(2), -MathF.Log(2)], Run(new Softmax { Axis = 0, IsLogarithm = true }, ([2], [4, 4])), Near);
    }

    [Fact]
    public void Elements_move_along_any_axis()
    {
        Assert.Equal([1, 4, 2, 5, 3, 6], Run(new Transpose { Permutation = new[] { 1, 0 } }, ([2, 3], Six)));
        Assert.Equal(
            [5, 3, 1],
            Run(
                new Slice
                {
                    Axis = 0,
                    Begin = 4,
                    End = -1,
                    Step = -2,
                },
                ([6], Six)
            )
        );
        Assert.Equal([1, 2, 3, 4], Run(new Concat { Axis = 0 }, ([1, 2], [1, 2]), ([1, 2], [3, 4])));
        Assert.Equal([3, 1, 3, 6, 4, 6], Run(new Gather { Axis = 1, Indices = new[] { 2, 0, 2 } }, ([2, 3], Six)));
        Assert.Equal([1, 2, 1, 2, 1, 2, 1, 2], Run(new Tile { Repeats = new[] { 2, 2 } }, ([1, 2], [1, 2])));
        Assert.Equal([3, 2, 1, 2, 3, 2], Run(new Pad { Pads = new[] { 2, 1 }, Mode = PadMode.Reflect }, ([3], [1, 2, 3])));
        Assert.Equal([1, 1, 1, 2, 3, 3], Run(new Pad { Pads = new[] { 2, 1 }, Mode = PadMode.Edge }, ([3], [1, 2, 3])));
        Assert.Equal([2, 3, 1, 2, 3, 1], Run(new Pad { Pads = new[] { 2, 1 }, Mode = PadMode.Wrap }, ([3], [1, 2, 3])));
        Assert.Equal([9, 9, 1, 2, 3, 4], Run(new Pad { Pads = new[] { 1, 0, 0, 0 }, Value = 9 }, ([2, 2], [1, 2, 3, 4])));
    }

    [Fact]
    public void Computed_indices_count_from_both_ends_and_must_be_in_range()
    {
        Assert.Equal([5, 6, 1, 2, 3, 4], Run(new Take { Axis = 0 }, ([3, 2], Six), ([3], [-1, 0, -2])));
        Assert.Equal([2, 1, 2, 4, 3, 4, 6, 5, 6], Run(new Take { Axis = 1 }, ([3, 2], Six), ([3], [1, 0, -1])));
        Assert.Equal([3, 6], Run(new Take { Axis = 1 }, ([2, 3], Six), ([], [2])));
        foreach (var index in new[] { 3, -4, float.NaN, float.PositiveInfinity })
        {
            foreach (
                var take in new Operator[]
                {
                    new Take { Axis = 1 },
                    new TakeElements { Axis = 1 },
                    new TakeTuples { BatchDimensions = 1 },
                }
            )
            {
                var failure = Assert.Throws<SubpException>(() => Run(take, ([2, 3], Six), ([2, 1], [0, index])));
                Assert.Equal("SUBP0283", failure.Diagnostic.Descriptor.Id);
            }
        }
    }

    [Fact]
    public void Computed_indices_take_single_elements_and_what_tuples_name()
    {
        Assert.Equal([2, 3, 4, 6], Run(new TakeElements { Axis = 1 }, ([2, 3], Six), ([2, 2], [1, -1, 0, 2])));
        Assert.Equal([4, 2, 6], Run(new TakeElements { Axis = 0 }, ([2, 3], Six), ([1, 3], [-1, 0, 1])));
        Assert.Equal([1, 5, 4, 2, 4, 2], Run(new TakeElements { Axis = 0 }, ([2, 3], Six), ([3, 2], [0, 1, 1, 0, -1, -2])));
        Assert.Equal([3, 4], Run(new TakeTuples(), ([2, 3], Six), ([2, 2], [0, 2, -1, 0])));
        Assert.Equal([4, 5, 6], Run(new TakeTuples(), ([2, 3], Six), ([1], [1])));
        Assert.Equal([2, 6], Run(new TakeTuples { BatchDimensions = 1 }, ([2, 3], Six), ([2, 1], [1, -1])));
    }

    [Fact]
    public void Indices_that_fit_no_place_are_refused_when_the_graph_is_built()
    {
        foreach (
            var (take, shape) in new (Operator, int[])[]
            {
                (new TakeElements { Axis = 1 }, [3, 3]),
                (new TakeElements { Axis = 1 }, [3]),
                (new TakeTuples(), [2, 3]),
                (new TakeTuples(), []),
                (new TakeTuples { BatchDimensions = 1 }, [2, 2]),
                (new TakeTuples { BatchDimensions = 1 }, [1, 1]),
            }
        )
        {
            var count = shape.Aggregate(1, (product, extent) => product * extent);
            var failure = Assert.Throws<SubpException>(() => Run(take, ([2, 3], Six), (shape, new float[count])));
            Assert.Equal(DiagnosticDescriptors.ShapeMismatch, failure.Diagnostic.Descriptor);
        }
    }

    [Fact]
    public void Channels_become_pixels_in_both_orders_and_back()
    {
        float[] eight = [0, 1, 2, 3, 4, 5, 6, 7];
        Assert.Equal([0, 2, 4, 6, 1, 3, 5, 7], Run(new DepthToSpace { Block = 2 }, ([1, 8, 1, 1], eight)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Run(new DepthToSpace { Block = 2, ChannelFirst = true }, ([1, 8, 1, 1], eight)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Run(new SpaceToDepth { Block = 2 }, ([1, 1, 2, 4], [0, 2, 1, 3, 4, 6, 5, 7])));
    }

    [Fact]
    public void Matrices_are_multiplied_for_every_position_of_the_batch()
    {
        Assert.Equal([1, 2, 2, 4], Run(new MatMul(), ([2, 1, 1], [1, 2]), ([1, 2], [1, 2])));
        Assert.Equal([17, 39], Run(new MatMul(), ([2, 2], [1, 2, 3, 4]), ([2, 1], [5, 6])));
    }

    [Fact]
    public void A_normalisation_uses_the_statistics_of_the_value()
    {
        Assert.Equal([-1, 1, -1, 1], Run(new Normalize { Axes = new[] { 1 }, Epsilon = 0 }, ([2, 2], [1, 3, 10, 30])), Near);
        Assert.Equal(
            [-1, 1, -1, 1],
            Run(
                new Normalize
                {
                    Axes = new[] { 1 },
                    Groups = 2,
                    Epsilon = 0,
                },
                ([1, 4], [1, 3, 10, 30])
            ),
            Near
        );
        Assert.Equal(
            [0.6, 0.8],
            Run(
                    new Normalize
                    {
                        Axes = new[] { 0 },
                        Epsilon = 0,
                        KeepsMean = true,
                    },
                    ([2], [3 / MathF.Sqrt(2), 4 / MathF.Sqrt(2)])
                )
                .Select(value => value / Math.Sqrt(2)),
            Near
        );
        // Windows of 1 and 2, 1 to 3, 2 and 3.
        Assert.Equal(
            [1 / 6.0, 2 / 15.0, 3 / 14.0],
            Run(
                new LocalResponseNorm
                {
                    Size = 3,
                    Alpha = 3,
                    Beta = 1,
                },
                ([1, 3], [1, 2, 3])
            ),
            Near
        );
    }

    [Fact]
    public void A_transposed_convolution_adds_the_kernel_at_every_pixel()
    {
        var builder = new GraphBuilder("one");
        var convolution = new ConvTranspose2d
        {
            Weight = builder.Parameter("w", new TensorShape(1, 1, 1, 3)),
            Window = new Window(new(1, 3), new(1, 2), new Padding(0, 1, 0, 0), Extent.One),
            OutputPadding = new Extent(0, 1),
        };
        builder.Output(builder.Node("y", convolution, builder.Input("x", new TensorShape(1, 1, 1, 2))));
        var weights = new WeightSet();
        weights["w"] = new WeightTensor(new TensorShape(1, 1, 1, 3), [1, 10, 100]);
        var output = new float[5];
        new ReferenceInterpreter(new Model(builder.Build(), weights)).Run([1, 2], output);
        Assert.Equal([10, 102, 20, 200, 0], output);
    }

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-6;

    private static Binary Of(BinaryKind kind) => new() { Kind = kind };

    private static Reduce Reduction(ReduceKind kind, params int[] axes) =>
        new()
        {
            Kind = kind,
            Axes = axes,
            KeepDimensions = false,
        };

    private static double[] Run(Operator @operator, params (int[] Shape, float[] Values)[] inputs)
    {
        var builder = new GraphBuilder("one");
        string[] names = [.. inputs.Select((input, index) => builder.Input($"x{index}", new TensorShape(input.Shape)))];
        builder.Output(builder.Node("y", @operator, names));
        var graph = builder.Build();
        GraphVerifier.Verify(graph);
        var values = inputs
            .Select((input, index) => (Name: $"x{index}", input.Values))
            .ToDictionary(pair => pair.Name, pair => pair.Values);
        return [.. new ReferenceInterpreter(new Model(graph, new WeightSet())).RunAll(values)["y"]];
    }
}
