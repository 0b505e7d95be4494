using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Xunit;

namespace Subp.Core.Tests.Interpretation;

/// <summary>The activations beyond clamps, and the operators that move or gate channels and pixels.</summary>
public class ShapingOperatorTests
{
    private static readonly float[] OneToNine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public void The_sigmoid_family_follows_its_definitions()
    {
        float[] points = [-800, -4, -3, -1, 0, 0.5f, 3, 4, 800];
        var sigmoid = Run(new Activate(Activation.Sigmoid), [1, 9], points);
        Assert.Equal((0.0, 1.0), (sigmoid[0], sigmoid[8]));
        Assert.Equal(1 / (1 + Math.E), sigmoid[3], 1e-15);
        Assert.Equal([0, 0, 0, 0.3, 0.5, 0.6, 1, 1, 1], Run(new Activate(Activation.HardSigmoid()), [1, 9], points), Near);
        Assert.Equal([0, 0.25, 0.5, 0.5], Run(new Activate(Activation.HardSigmoid(0.25f, 0)), [1, 4], [-1, 1, 2, 2]), Near);
        Assert.Equal([0, 0, 0, -2 / 6.0, 0, 3.5 / 12, 3, 4, 800], Run(new Activate(Activation.HardSwish), [1, 9], points), Near);
        var silu = Run(new Activate(Activation.Silu), [1, 9], points);
        Assert.Equal((0.0, 800.0), (Math.Abs(silu[0]), silu[8]));
        Assert.Equal(-1 / (1 + Math.E), silu[3], 1e-15);
    }

    [Fact]
    public void A_product_takes_equal_shapes_or_a_gate_per_channel()
    {
        Assert.Equal([1, 4, 9, 16, 25, 36, 49, 64, 81], Run2(new Mul(), [1, 9], OneToNine, [1, 9], OneToNine));
        Assert.Equal([2, 4, 9, 12], Run2(new Mul(), [1, 2, 1, 2], [1, 2, 3, 4], [1, 2, 1, 1], [2, 3]));
        Assert.Equal([0, 2], Run2(new Mul { Activation = Activation.Relu }, [2, 1, 1, 1], [-1, 2], [2, 1, 1, 1], [1, 1]));
    }

    [Fact]
    public void A_concatenation_joins_the_channels_of_every_image()
    {
        Assert.Equal([1, 2, 3, 7, 4, 5, 6, 8], Run2(new Concat(), [2, 3, 1, 1], [1, 2, 3, 4, 5, 6], [2, 1, 1, 1], [7, 8]));
        Assert.Equal([1, 2, 3, 4], Run2(new Concat(), [1, 2], [1, 2], [1, 2], [3, 4]));
    }

    [Fact]
    public void A_slice_takes_channels_rows_or_columns()
    {
        Assert.Equal(
            [2, 3],
            Run(
                new Slice
                {
                    Axis = 1,
                    Begin = 1,
                    End = 3,
                },
                [1, 4],
                [1, 2, 3, 4]
            )
        );
        Assert.Equal(
            [1, 3, 5, 7],
            Run(
                new Slice
                {
                    Axis = 1,
                    Begin = 0,
                    End = 4,
                    Step = 2,
                },
                [2, 4],
                [1, 2, 3, 4, 5, 6, 7, 8]
            )
        );
        Assert.Equal(
            [4, 5, 6],
            Run(
                new Slice
                {
                    Axis = 2,
                    Begin = 1,
                    End = 2,
                },
                [1, 1, 3, 3],
                OneToNine
            )
        );
        Assert.Equal(
            [1, 3, 4, 6, 7, 9],
            Run(
                new Slice
                {
                    Axis = 3,
                    Begin = 0,
                    End = 3,
                    Step = 2,
                },
                [1, 1, 3, 3],
                OneToNine
            )
        );
    }

    [Fact]
    public void A_channel_shuffle_interleaves_the_groups_of_every_image() =>
        Assert.Equal(
            [1, 1, 4, 4, 2, 2, 5, 5, 3, 3, 6, 6, 7, 7, 1, 1, 8, 8, 2, 2, 9, 9, 3, 3],
            Run(new ChannelShuffle { Groups = 2 }, [2, 6, 1, 2], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 1, 1, 2, 2, 3, 3])
        );

    [Fact]
    public void A_padding_surrounds_every_plane() =>
        Assert.Equal(
            [9, 9, 9, 9, 1, 9, 9, 2, 9, 9, 9, 9, 9, 3, 9, 9, 4, 9],
            Run(new Pad { Padding = new Padding(1, 1, 0, 1), Value = 9 }, [1, 2, 2, 1], [1, 2, 3, 4])
        );

    [Fact]
    public void An_average_that_rounds_up_counts_the_padding_but_not_what_hangs_over_it()
    {
        // Four columns, one of padding on each side that counts and one more for the last window: three, three and two taps count.
        var pool = new Pool2d
        {
            Kind = PoolKind.Average,
            Window = new Window(new(1, 3), new(1, 2), new Padding(0, 1, 0, 2), Extent.One),
            CountIncludesPadding = true,
            Overhang = new Extent(0, 1),
        };
        Assert.Equal([1, 3, 2], Run(pool, [1, 1, 1, 4], [1, 2, 3, 4]));
        Assert.Equal([1, 3, 4 / 3.0], Run(pool with { Overhang = default }, [1, 1, 1, 4], [1, 2, 3, 4]));
        var upright = pool with
        {
            Window = new Window(new(3, 1), new(2, 1), new Padding(1, 0, 2, 0), Extent.One),
            Overhang = new Extent(1, 0),
        };
        Assert.Equal([1, 3, 2], Run(upright, [1, 1, 4, 1], [1, 2, 3, 4]));
    }

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-7;

    private static double[] Run(Operator @operator, int[] shape, float[] input)
    {
        var builder = new GraphBuilder("one");
        builder.Output(builder.Node("y", @operator, builder.Input("x", new TensorShape(shape))));
        return
        [
            .. new ReferenceInterpreter(new Model(builder.Build(), new WeightSet())).RunAll(
                new Dictionary<string, float[]> { ["x"] = input }
            )["y"],
        ];
    }

    private static double[] Run2(Operator @operator, int[] first, float[] left, int[] second, float[] right)
    {
        var builder = new GraphBuilder("two");
        builder.Output(
            builder.Node("y", @operator, builder.Input("a", new TensorShape(first)), builder.Input("b", new TensorShape(second)))
        );
        var inputs = new Dictionary<string, float[]> { ["a"] = left, ["b"] = right };
        return [.. new ReferenceInterpreter(new Model(builder.Build(), new WeightSet())).RunAll(inputs)["y"]];
    }
}
