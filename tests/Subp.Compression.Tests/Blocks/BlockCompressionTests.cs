using Subp.Compression.Algebra;
using Subp.Compression.Blocks;
using Subp.Compression.Calibration;
using Subp.Compression.Restoration;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Testing;

namespace Subp.Compression.Tests.Blocks;

public sealed class BlockCompressionTests
{
    private static readonly BlockTarget[] s_targets = [new("conv1", 16, 8), new("conv2", 16, 16)];

    [Fact]
    public void Removing_channels_one_by_one_is_one_regression_of_all_removed_on_all_kept()
    {
        var random = new Random(3);
        var root = new Matrix(8, 8, [.. Enumerable.Range(0, 64).Select(_ => random.NextDouble() - 0.5)]);
        var covariance = new Matrix(8, 8);
        for (var row = 0; row < 8; row++)
        {
            for (var column = 0; column < 8; column++)
                covariance[row, column] = Matrix.Dot(root.Row(row), root.Row(column)) + (row == column ? 0.1 : 0);
        }

        var blocks = new Matrix(8, 6, [.. Enumerable.Range(0, 48).Select(_ => random.NextDouble() - 0.5)]);
        var before = new Matrix(8, 6, [.. blocks.Values]);
        var kept = BlockElimination.Remove(blocks, [1, 1, 1, 1, 1, 1], Cholesky.Factor(covariance).Inverse(), 3);
        int[] gone = [.. Enumerable.Range(0, 8).Except(kept)];
        Assert.Equal(3, gone.Length);

        var coefficients = Cholesky.Factor(covariance.Take(kept, kept)).Solve(covariance.Take(kept, gone));
        for (var row = 0; row < kept.Length; row++)
        {
            for (var column = 0; column < 6; column++)
            {
                var expected =
                    before[kept[row], column] + Enumerable.Range(0, 3).Sum(index => coefficients[row, index] * before[gone[index], column]);
                Assert.Equal(expected, blocks[kept[row], column], 10);
            }
        }

        Assert.All(gone, channel => Assert.All(blocks.Row(channel).ToArray(), value => Assert.Equal(0, value)));
    }

    [Theory]
    [InlineData(8, 3, 3)]
    // More columns than registers hold at once, and odd ends.
    [InlineData(70, 83, 29)]
    public void Removing_several_channels_at_once_is_removing_them_one_by_one(int size, int outputs, int count)
    {
        var random = new Random(4);
        var root = new Matrix(size, size, [.. Enumerable.Range(0, size * size).Select(_ => random.NextDouble() - 0.5)]);
        var covariance = new Matrix(size, size);
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
                covariance[row, column] = Matrix.Dot(root.Row(row), root.Row(column)) + (row == column ? 0.1 : 0);
        }

        var blocks = new Matrix(size, outputs, [.. Enumerable.Range(0, size * outputs).Select(_ => random.NextDouble() - 0.5)]);
        double[] importance = [.. Enumerable.Repeat(1.0, outputs)];
        Elimination Begin() => new(new Matrix(size, outputs, [.. blocks.Values]), importance, Cholesky.Factor(covariance).Inverse());
        Elimination together = Begin(),
            apart = Begin(),
            twice = Begin();
        int[] gone = [.. Enumerable.Range(0, size)];
        random.Shuffle(gone);
        gone = gone[..count];
        together.Remove(gone);
        twice.Remove(gone[..2]);
        twice.Remove(gone[2..]);
        foreach (var channel in gone)
            apart.Remove(channel);
        foreach (var other in new[] { together, twice })
        {
            NumberAssert.Near(apart.Blocks.Values, other.Blocks.Values, 1e-10);
            Assert.All(other.Alive, channel => Assert.Equal(apart.Loss(channel), other.Loss(channel), 10));
        }

        // What is left of the inverse is the inverse of what is left.
        int[] kept = [.. together.Alive];
        var inverse = Cholesky.Factor(covariance.Take(kept, kept)).Inverse();
        Assert.All(
            kept.Index(),
            item =>
            {
                double energy = 0;
                foreach (var value in together.Blocks.Row(item.Item))
                    energy += value * value;
                Assert.Equal(energy / inverse[item.Index, item.Index], together.Loss(item.Item), 8);
            }
        );
    }

    [Fact]
    public void An_estimate_that_is_no_covariance_gets_a_ridge_that_makes_it_one()
    {
        // Correlations of 2 are of nothing; closed forms come to the like where branches are not independent.
        var estimate = new Matrix(3, 3, [1, 2, 0, 2, 1, 0, 0, 0, 1]);
        Assert.Throws<ArithmeticException>(() => Cholesky.Factor(estimate));
        var inverse = Elimination.Invert(estimate, 1e-3);
        Assert.All(Enumerable.Range(0, 3), index => Assert.True(inverse[index, index] > 0));
        Assert.Throws<ArithmeticException>(() => Elimination.Invert(new Matrix(1, 1, [double.NaN]), 1e-3));
    }

    [Theory]
    [InlineData(BlockRestoration.None)]
    [InlineData(BlockRestoration.BatchNorm)]
    [InlineData(BlockRestoration.Moments)]
    [InlineData(BlockRestoration.Noise)]
    public void Every_group_keeps_the_same_number_of_blocks_and_the_rest_is_zero(BlockRestoration restoration)
    {
        var model = Networks.Residual();
        float[] before = [.. model.Weights["conv1.weight"].Values];
        var outcome = BlockCompression.Compress(model, s_targets, restoration);

        foreach (var (layer, kept) in new[] { ("conv1", 8), ("conv2", 16) })
        {
            var parameter = outcome.Model.Graph.Parameter($"{layer}.weight");
            Assert.True(parameter.Pattern!.IsUniform);
            Assert.Equal((16, kept), (parameter.Pattern.BlockLength, parameter.Pattern.Kept(0).Count));
            BlockSparseValues.RequireZerosOutside(parameter, outcome.Model.Weights[parameter.Name].Values);
        }

        GraphVerifier.Verify(outcome.Model.Graph);
        Assert.Equal(before, model.Weights["conv1.weight"].Values);
        Assert.Null(model.Graph.Parameter("conv1.weight").Pattern);
        Assert.Equal(["conv1", "conv2"], outcome.Layers.Select(layer => layer.Layer));
    }

    [Fact]
    public void Each_step_of_restoring_brings_the_outputs_nearer_to_the_original()
    {
        var calibration = Networks.Images(new TensorShape(1, 3, 10, 10), 60, 1);
        var inputs = Networks.Images(new TensorShape(1, 3, 10, 10), 40, 2);
        // As training leaves it: the statistics of the normalisations are those of the data.
        var model = NormRecalibration.Measure(Networks.Residual(), calibration, default);
        double Error(BlockRestoration restoration, float[][]? set) =>
            OutputError(model, BlockCompression.Compress(model, s_targets, restoration, set).Model, inputs);

        var none = Error(BlockRestoration.None, null);
        var moments = Error(BlockRestoration.Moments, null);
        var noise = Error(BlockRestoration.Noise, null);
        var measured = Error(BlockRestoration.Moments, calibration);
        Assert.True(moments < 0.8 * none, FormattableString.Invariant($"none {none}, moments {moments}"));
        Assert.True(noise < 0.8 * none, FormattableString.Invariant($"none {none}, noise {noise}"));
        Assert.True(measured < 0.4 * none, FormattableString.Invariant($"none {none}, measured {measured}"));
        Assert.True(measured < moments, FormattableString.Invariant($"moments {moments}, measured {measured}"));
    }

    [Fact]
    public void The_predicted_error_of_a_pointwise_layer_is_the_measured_one()
    {
        var builder = new GraphBuilder("pointwise");
        var image = builder.Input("image", new TensorShape(1, 8, 6, 6));
        builder.Output(builder.Conv2d("conv", image, 16, Window.Square(1)));
        var model = RandomWeights.For(builder.Build(), 5);
        var inputs = Networks.Images(new TensorShape(1, 8, 6, 6), 30, 4);
        var outcome = BlockCompression.Compress(model, [new("conv", 4, 4)], BlockRestoration.Moments, inputs);

        var (error, size) = (0.0, 0.0);
        var before = new NodeSweep(model, inputs, default).Run();
        var after = new NodeSweep(outcome.Model, inputs, default).Run();
        for (var channel = 0; channel < 16; channel++)
        {
            double[] Plane(IReadOnlyList<float[]> values) =>
                [.. values.SelectMany(value => value.AsSpan(channel * 36, 36).ToArray()).Select(value => (double)value)];
            double[] then = Plane(before),
                now = Plane(after);
            var mean = then.Average();
            error += then.Zip(now, (first, second) => (first - second) * (first - second)).Sum();
            size += then.Sum(value => (value - mean) * (value - mean));
            // Without a normalisation the bias holds the mean where it was.
            Assert.Equal(mean, now.Average(), 4);
        }

        Assert.Equal(error / size, outcome.Layers[0].PredictedError!.Value, 4);
    }

    [Fact]
    public void Recalibrated_normalisations_give_the_mean_and_variance_that_they_promise()
    {
        var model = Networks.Residual();
        var inputs = Networks.Images(new TensorShape(1, 3, 10, 10), 20, 1);
        var measured = NormRecalibration.Measure(model, inputs, default);
        var sweep = new NodeSweep(measured, inputs, default);
        sweep.Run(node =>
        {
            if (node.Name != "conv1.relu")
                return;
            var (mean, variance) = MeasuredMoments.MeanAndVariance(sweep["conv1.norm"], measured.Graph.ShapeOf("conv1.norm"));
            for (var channel = 0; channel < mean.Length; channel++)
            {
                Assert.Equal(model.Weights["conv1.norm.shift"].Values[channel], mean[channel], 3);
                Assert.Equal(Math.Abs(model.Weights["conv1.norm.scale"].Values[channel]), Math.Sqrt(variance[channel]), 3);
            }
        });
    }

    [Fact]
    public void A_layer_whose_weights_another_shares_is_pruned_and_left_as_it_is()
    {
        var builder = new GraphBuilder("shared");
        var image = builder.Input("image", new TensorShape(1, 8, 6, 6));
        var first = builder.Conv2d("first", image, 8, Window.Square(3, 1, 1));
        var relu = builder.Node("relu", Activate.Relu, first);
        builder.Output(builder.Node("second", new Conv2d { Weight = "first.weight", Window = Window.Square(3, 1, 1) }, relu));
        var model = RandomWeights.For(builder.Build(), 5);
        var outcome = BlockCompression.Compress(model, [new("first", 4, 4)], BlockRestoration.Moments);
        GraphVerifier.Verify(outcome.Model.Graph);
        Assert.Null(outcome.Model.Graph.FindParameter("first.bias"));
        Assert.Equal(4, outcome.Model.Graph.Parameter("first.weight").Pattern!.Kept(0).Count);
    }

    private static double OutputError(Model before, Model after, float[][] inputs)
    {
        var (error, size) = (0.0, 0.0);
        foreach (var (then, now) in new NodeSweep(before, inputs, default).Run().Zip(new NodeSweep(after, inputs, default).Run()))
        {
            for (var index = 0; index < then.Length; index++)
            {
                error += Math.Pow(then[index] - now[index], 2);
                size += Math.Pow(then[index], 2);
            }
        }

        return error / size;
    }
}
