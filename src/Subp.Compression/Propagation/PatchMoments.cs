using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Propagation;

/// <summary>
/// Mean and covariance of everything that the filters of a convolution read at one place, every tap of every channel by itself. It begins
/// with what propagation says of channels, knows how often a tap lies beyond the rim, where there are zeros, and is then fitted to what
/// the normalisation behind the layer has stored: channels get the nearest means that give the stored means, and the covariance becomes
/// that of the nearest normal distribution (in relative entropy) whose filtered variances are the stored ones. The latter is iterative
/// proportional fitting (Csiszár, 1975), which here changes the covariance by one product of a vector with itself for each filter.
/// </summary>
internal sealed class PatchMoments
{
    // How far propagated means are off, in deviations of their channel, and stored means in deviations of the output. The first is an
    // order of magnitude, from what the closed forms leave out; the second says that the stored ones are to be believed.
    private const double MeanDoubt = 0.3;
    private const double StoredDoubt = 0.05;

    // Channels times taps; the square of it is kept.
    private const int MostFeatures = 1536;

    // Of one layer, in multiply-adds. The first sweeps over all filters change nearly all that is changed at all.
    private const long MostWork = 2_500_000_000;
    private const int MostSweeps = 5;
    private const double SmallestVariance = 1e-12;
    private const int LeastInParallel = 256;

    // [tap][channel], as filter banks have it.
    private readonly double[] _mean;
    private readonly Matrix _covariance;
    private readonly int _channels;

    private PatchMoments(double[] mean, Matrix covariance, int channels) => (_mean, _covariance, _channels) = (mean, covariance, channels);

    /// <summary>The moments that a convolution without channel groups reads, or null where it is none or too wide.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="statistics">What propagation says of the input of the layer.</param>
    public static PatchMoments? Of(Model model, LayerStatistics statistics)
    {
        var form = statistics.Form;
        if (form.Node.Operator is not Conv2d { Groups: 1 } convolution || statistics.Input.Channels * form.Taps > MostFeatures)
            return null;
        var together = Inside(convolution.Window, model.Graph.ShapeOf(form.Node.Inputs[0]), form.Node.Shape);
        double[] inside = [.. Enumerable.Range(0, form.Taps).Select(tap => together[tap, tap])];
        var norm = Normalisation.Of(model.Graph, form.Node);
        if (norm is null)
            return Behind(statistics, statistics.Input.Mean, together, inside);
        var filters = form.Filters(model.Weights);
        var stored = norm.Variance(model.Weights);
        double[] means = [.. model.Weights[norm.Operator.Mean].Values.Select(value => (double)value)];
        if (form.Bias is not null)
            means = [.. means.Zip(model.Weights[form.Bias].Values, (mean, bias) => mean - bias)];
        var result = Behind(statistics, FittedMeans(filters, statistics.Input, inside, means, stored), together, inside);
        result.FitVariances(filters, stored);
        return result;
    }

    /// <summary>What filters make of it.</summary>
    public FilterMoments Through(FilterBank filters)
    {
        double[] mean = new double[filters.Outputs],
            variance = new double[filters.Outputs];
        Parallel.For(
            0,
            filters.Outputs,
            output =>
            {
                var filter = filters.Row(output);
                mean[output] = Matrix.Dot(filter, _mean);
                double sum = 0;
                for (var row = 0; row < filter.Length; row++)
                {
                    // Pruned blocks are many.
                    if (filter[row] != 0)
                        sum += filter[row] * Matrix.Dot(_covariance.Row(row), filter);
                }

                variance[output] = Math.Max(sum, 0);
            }
        );
        return new FilterMoments(mean, variance);
    }

    /// <summary>The covariance of channels, the mean over taps.</summary>
    public Matrix ChannelCovariance()
    {
        var taps = _mean.Length / _channels;
        var result = new Matrix(_channels, _channels);
        for (var tap = 0; tap < taps; tap++)
        {
            for (var channel = 0; channel < _channels; channel++)
                Matrix.AddScaled(
                    result.Row(channel),
                    1.0 / taps,
                    _covariance.Row((tap * _channels) + channel).Slice(tap * _channels, _channels)
                );
        }

        return result;
    }

    // [taps, taps]: the share of outputs for which two taps both lie inside the image.
    private static Matrix Inside(Window window, TensorShape input, TensorShape output)
    {
        var taps = window.Kernel.Height * window.Kernel.Width;
        bool IsInside(int tap, int row, int column)
        {
            int y = (row * window.Stride.Height) - window.Padding.Top + (tap / window.Kernel.Width * window.Dilation.Height),
                x = (column * window.Stride.Width) - window.Padding.Left + (tap % window.Kernel.Width * window.Dilation.Width);
            return y >= 0 && y < input.Height && x >= 0 && x < input.Width;
        }

        var result = new Matrix(taps, taps);
        for (var place = 0; place < output.Height * output.Width; place++)
        {
            bool[] inside = [.. Enumerable.Range(0, taps).Select(tap => IsInside(tap, place / output.Width, place % output.Width))];
            for (var first = 0; first < taps; first++)
            {
                for (var second = 0; second < taps; second++)
                    result[first, second] += inside[first] && inside[second] ? 1.0 / (output.Height * output.Width) : 0;
            }
        }

        return result;
    }

    private static PatchMoments Behind(LayerStatistics statistics, double[] channelMean, Matrix together, double[] inside)
    {
        int taps = inside.Length,
            channels = channelMean.Length;
        var correlation = statistics.TapCorrelation;
        var mean = new double[taps * channels];
        for (var index = 0; index < mean.Length; index++)
            mean[index] = inside[index / channels] * channelMean[index % channels];
        var covariance = new Matrix(mean.Length, mean.Length);
        Parallel.For(
            0,
            mean.Length,
            row =>
            {
                var (tap, channel) = (row / channels, row % channels);
                var own = statistics.Input.Covariance.Row(channel);
                var target = covariance.Row(row);
                for (var column = 0; column < target.Length; column++)
                {
                    var (otherTap, other) = (column / channels, column % channels);
                    // The mean of the product less the product of the means, zeros beyond the rim counted.
                    target[column] =
                        (
                            together[tap, otherTap]
                            * ((own[other] * correlation[tap, otherTap]) + (channelMean[channel] * channelMean[other]))
                        ) - (mean[row] * mean[column]);
                }
            }
        );
        return new PatchMoments(mean, covariance, channels);
    }

    // Least squares from the propagated means, in which a stored mean is one equation: m + T A' (A T A' + N)^-1 (stored - A m), with
    // T and N the squared doubts in the two.
    private static double[] FittedMeans(FilterBank filters, ChannelMoments input, double[] inside, double[] stored, double[] variance)
    {
        var channels = input.Channels;
        var sums = new Matrix(filters.Outputs, channels);
        for (var output = 0; output < filters.Outputs; output++)
        {
            for (var tap = 0; tap < inside.Length; tap++)
                Matrix.AddScaled(sums.Row(output), inside[tap], filters.Row(output).Slice(tap * channels, channels));
        }

        double[] doubt = [.. input.Variance.Select(value => MeanDoubt * MeanDoubt * value)];
        var weighted = new Matrix(filters.Outputs, channels);
        var products = new Matrix(filters.Outputs, filters.Outputs);
        var missing = new double[filters.Outputs];
        for (var output = 0; output < filters.Outputs; output++)
        {
            for (var channel = 0; channel < channels; channel++)
                weighted[output, channel] = sums[output, channel] * doubt[channel];
            for (var other = 0; other <= output; other++)
                products[output, other] = products[other, output] = Matrix.Dot(sums.Row(other), weighted.Row(output));
            products[output, output] += Math.Max(StoredDoubt * StoredDoubt * variance[output], SmallestVariance);
            missing[output] = stored[output] - Matrix.Dot(sums.Row(output), input.Mean);
        }

        Cholesky.Factor(products).Solve(missing);
        double[] mean = [.. input.Mean];
        for (var output = 0; output < filters.Outputs; output++)
            Matrix.AddScaled(mean, missing[output], weighted.Row(output));
        return mean;
    }

    private void FitVariances(FilterBank filters, double[] stored)
    {
        var size = (long)_mean.Length;
        var sweeps = (int)Math.Min(MostWork / (2 * size * size * filters.Outputs), MostSweeps);
        var seen = new double[size];
        for (; sweeps > 0; sweeps--)
        {
            for (var output = 0; output < filters.Outputs; output++)
            {
                var (of, index) = (filters, output);
                ForRows(row => seen[row] = Matrix.Dot(_covariance.Row(row), of.Row(index)));
                var now = Matrix.Dot(seen, filters.Row(output));
                // What a filter cannot see says nothing; and a channel that is dead must not become certain.
                if (now <= SmallestVariance)
                    continue;
                var factor = (Math.Max(stored[output] / now, SmallestVariance) - 1) / now;
                ForRows(row => Matrix.AddScaled(_covariance.Row(row), factor * seen[row], seen));
            }
        }
    }

    private void ForRows(Action<int> action)
    {
        if (_mean.Length >= LeastInParallel)
        {
            Parallel.For(0, _mean.Length, action);
            return;
        }

        for (var row = 0; row < _mean.Length; row++)
            action(row);
    }
}
