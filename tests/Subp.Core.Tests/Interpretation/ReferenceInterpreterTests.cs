using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Tests.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

public class ReferenceInterpreterTests
{
    private static readonly float[] OneToNine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public void A_convolution_follows_its_definition_for_strides_paddings_dilations_and_groups()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 60; trial++)
        {
            var groups = random.Next(1, 4);
            var window = new Window(
                new(random.Next(1, 4), random.Next(1, 4)),
                new(random.Next(1, 4), random.Next(1, 4)),
                new(random.Next(3), random.Next(3), random.Next(3), random.Next(3)),
                new(random.Next(1, 3), random.Next(1, 3))
            );
            var builder = new GraphBuilder("conv");
            var image = builder.Input(
                "image",
                new TensorShape(random.Next(1, 3), groups * random.Next(1, 4), random.Next(5, 10), random.Next(5, 10))
            );
            builder.Output(builder.Conv2d("conv", image, groups * random.Next(1, 4), window, groups, bias: true));
            var model = RandomWeights.For(builder.Build(), trial);
            var input = RandomWeights.Input(model.Graph.ShapeOf("image"), trial);
            var actual = Run(model, input);
            var expected = Definition(model, (Conv2d)model.Graph.Nodes[0].Operator, input);
            for (var index = 0; index < expected.Length; index++)
                Assert.Equal(expected[index], actual[index], 1e-12);
        }
    }

    [Fact]
    public void A_fused_convolution_adds_bias_and_residual_before_the_clamp()
    {
        var builder = new GraphBuilder("fused");
        var image = builder.Input("image", new TensorShape(1, 1, 3, 3));
        builder.Parameter("w", new TensorShape(1, 1, 1, 1));
        builder.Parameter("b", new TensorShape(1));
        builder.Output(
            builder.Node(
                "conv",
                new Conv2d
                {
                    Weight = "w",
                    Bias = "b",
                    Window = Window.Square(1),
                    Activation = new Activation(-20, -9),
                },
                image,
                image
            )
        );
        var weights = new WeightSet { ["w"] = Tensor([-4], 1, 1, 1, 1), ["b"] = Tensor([1], 1) };
        Assert.Equal([-9, -9, -9, -11, -14, -17, -20, -20, -20], Run(new Model(builder.Build(), weights), OneToNine));
    }

    [Fact]
    public void Batch_norm_uses_the_stored_statistics()
    {
        var builder = new GraphBuilder("norm");
        builder.Output(builder.BatchNorm("norm", builder.Input("x", new TensorShape(1, 2, 1, 1))));
        var weights = new WeightSet
        {
            ["norm.scale"] = Tensor([2, 3], 2),
            ["norm.shift"] = Tensor([1, -1], 2),
            ["norm.mean"] = Tensor([4, 5], 2),
            ["norm.variance"] = Tensor([4, 0], 2),
        };
        var output = Run(new Model(builder.Build(), weights), [10, 5.1f]);
        Assert.Equal((2 * 6 / Math.Sqrt(4 + (double)1e-5f)) + 1, output[0], 1e-12);
        Assert.Equal((3 * ((double)5.1f - 5) / Math.Sqrt(1e-5f)) - 1, output[1], 1e-9);
    }

    [Fact]
    public void Maximum_pooling_ignores_the_padding() =>
        Assert.Equal(
            [5, 6, 8, 9],
            RunOne(new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, [1, 1, 3, 3], OneToNine)
        );

    [Fact]
    public void Maximum_pooling_of_negative_values_does_not_see_zeros() =>
        Assert.Equal([-1, -1], RunOne(new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 1, 1) }, [1, 1, 1, 1], [-1])[..2]);

    [Fact]
    public void Average_pooling_divides_by_the_elements_of_the_image() =>
        Assert.Equal(
            [3, 4, 6, 7],
            RunOne(new Pool2d { Kind = PoolKind.Average, Window = Window.Square(3, 2, 1) }, [1, 1, 3, 3], OneToNine)
        );

    [Fact]
    public void Average_pooling_can_count_the_padding() =>
        Assert.Equal(
            [12 / 9.0, 16 / 9.0, 24 / 9.0, 28 / 9.0],
            RunOne(
                new Pool2d
                {
                    Kind = PoolKind.Average,
                    Window = Window.Square(3, 2, 1),
                    CountIncludesPadding = true,
                },
                [1, 1, 3, 3],
                OneToNine
            )
        );

    [Fact]
    public void Global_pooling_takes_the_mean_of_each_plane() =>
        Assert.Equal([2.5, 6.5], RunOne(new GlobalAveragePool(), [1, 2, 2, 2], OneToNine[..8]));

    [Fact]
    public void Clips_clamp_and_flatten_and_change_layout_keep_the_values()
    {
        Assert.Equal([1, 2, 3, 4, 5, 6, 6, 6, 6], RunOne(Activate.Relu6, [1, 9], OneToNine));
        Assert.Equal([0, 2], RunOne(Activate.Relu, [1, 2], [-1, 2]));
        Assert.Equal(OneToNine.Select(value => (double)value), RunOne(new Flatten(), [1, 1, 3, 3], OneToNine));
        Assert.Equal(OneToNine.Select(value => (double)value), RunOne(new Reshape(3, 3), [1, 1, 3, 3], OneToNine));
        Assert.Equal(OneToNine.Select(value => (double)value), RunOne(new ChangeLayout(), [1, 1, 3, 3], OneToNine));
    }

    [Fact]
    public void Softmax_is_stable_and_sums_to_one_in_each_row()
    {
        var output = RunOne(new Softmax(), [2, 2], [1000, 1000, 0, 1]);
        Assert.Equal([0.5, 0.5], output[..2]);
        Assert.Equal(1 / (1 + Math.E), output[2], 1e-12);
        Assert.Equal(1, output[2] + output[3], 1e-12);
    }

    [Fact]
    public void Linear_and_add_follow_their_definition_for_each_image_of_a_batch()
    {
        var builder = new GraphBuilder("linear");
        var linear = builder.Linear("linear", builder.Input("x", new TensorShape(2, 2)), 2);
        builder.Output(builder.Node("sum", new Add { Activation = Activation.Relu }, linear, "x"));
        var weights = new WeightSet { ["linear.weight"] = Tensor([1, 2, 3, 4], 2, 2), ["linear.bias"] = Tensor([10, -50], 2) };
        Assert.Equal([10 + 5 + 1, 0, 10 + 50 + 10, -50 + 110 + 20], Run(new Model(builder.Build(), weights), [1, 2, 10, 20]));
    }

    [Fact]
    public void Run_gives_the_single_output_and_frees_nothing_that_is_still_read()
    {
        var everything = SampleGraphs.Everything();
        var model = RandomWeights.For(everything.With(outputs: ["likely"]), 3);
        var input = RandomWeights.Input(model.Graph.ShapeOf("image"), 3);
        var interpreter = new ReferenceInterpreter(model);
        var output = new float[4];
        interpreter.Run(input, output);
        var all = interpreter.RunAll(new Dictionary<string, float[]> { ["image"] = input });
        Assert.Equal(all["likely"].Select(value => (float)value), output);
        Assert.Equal(everything.Nodes.Count + 1, all.Count);
    }

    [Fact]
    public void Parallel_runs_of_one_instance_agree_with_serial_ones()
    {
        var model = RandomWeights.For(SampleGraphs.Everything().With(outputs: ["likely"]), 4);
        var interpreter = new ReferenceInterpreter(model);
        var inputs = Enumerable.Range(0, 16).Select(seed => RandomWeights.Input(model.Graph.ShapeOf("image"), seed)).ToArray();
        var serial = inputs.Select(input => One(interpreter, input)).ToArray();
        var parallel = inputs.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(input => One(interpreter, input)).ToArray();
        Assert.Equal(serial, parallel);
    }

    [Fact]
    public void Wrong_lengths_and_missing_inputs_are_refused()
    {
        var interpreter = new ReferenceInterpreter(RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1));
        Assert.Throws<ArgumentException>(() => interpreter.Run(new float[99], new float[800]));
        Assert.Throws<ArgumentException>(() => interpreter.Run(new float[100], new float[1]));
        Assert.Throws<ArgumentException>(() => interpreter.RunAll(new Dictionary<string, float[]>()));
    }

    private static float[] One(ReferenceInterpreter interpreter, float[] input)
    {
        var output = new float[4];
        interpreter.Run(input, output);
        return output;
    }

    private static double[] RunOne(Operator @operator, int[] shape, float[] input)
    {
        var builder = new GraphBuilder("one");
        builder.Output(builder.Node("y", @operator, builder.Input("x", new TensorShape(shape))));
        return Run(new Model(builder.Build(), new WeightSet()), input);
    }

    private static double[] Run(Model model, float[] input) =>
        new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { [model.Graph.Inputs[0].Name] = input })[
            model.Graph.Outputs[0]
        ];

    private static WeightTensor Tensor(float[] values, params int[] shape) => new(new TensorShape(shape), values);

    // The sum of the operator's documentation, one output element at a time.
    private static double[] Definition(Model model, Conv2d convolution, float[] input)
    {
        var (x, y) = (model.Graph.ShapeOf("image"), model.Graph.ShapeOf("conv"));
        var (w, bias) = (model.Weights[convolution.Weight], model.Weights[convolution.Bias!]);
        var (window, perGroup) = (convolution.Window, x.Channels / convolution.Groups);
        return
        [
            .. from n in Enumerable.Range(0, y.Batch)
            from o in Enumerable.Range(0, y.Channels)
            from i in Enumerable.Range(0, y.Height)
            from j in Enumerable.Range(0, y.Width)
            select Products(n, o, i, j).Aggregate((double)bias.Values[o], (sum, product) => sum + product),
        ];

        IEnumerable<double> Products(int n, int o, int i, int j) =>
            from c in Enumerable.Range(0, perGroup)
            from u in Enumerable.Range(0, window.Kernel.Height)
            from v in Enumerable.Range(0, window.Kernel.Width)
            let channel = (o / (y.Channels / convolution.Groups) * perGroup) + c
            let row = (i * window.Stride.Height) - window.Padding.Top + (u * window.Dilation.Height)
            let column = (j * window.Stride.Width) - window.Padding.Left + (v * window.Dilation.Width)
            where row >= 0 && row < x.Height && column >= 0 && column < x.Width
            select (double)w.Values[(((((o * perGroup) + c) * w.Shape.Height) + u) * w.Shape.Width) + v]
                * input[(((((n * x.Channels) + channel) * x.Height) + row) * x.Width) + column];
    }
}
