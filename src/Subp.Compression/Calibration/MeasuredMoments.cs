using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;

namespace Subp.Compression.Calibration;

/// <summary>Moments of a value over inputs and pixels, as they are.</summary>
internal static class MeasuredMoments
{
    /// <summary>A channel that varies no more than this is constant but for rounding.</summary>
    public const double ConstantVariance = 1e-12;

    /// <summary>Means and covariances of channels.</summary>
    /// <param name="values">[batch, channels, pixels] of every input.</param>
    /// <param name="shape">The shape of the value.</param>
    /// <param name="channels">The channels that its second dimension stands for: fewer where an image was flattened.</param>
    public static ChannelMoments Of(IReadOnlyList<float[]> values, TensorShape shape, int channels)
    {
        var planes = Planes(values, shape.Batch, channels);
        var count = (double)planes[0].Length;
        double[] mean = [.. planes.Select(plane => plane.Sum() / count)];
        Parallel.For(
            0,
            channels,
            channel =>
            {
                var plane = planes[channel];
                for (var index = 0; index < plane.Length; index++)
                    plane[index] -= mean[channel];
            }
        );
        var covariance = new Matrix(channels, channels);
        Parallel.For(
            0,
            channels,
            row =>
            {
                for (var column = 0; column <= row; column++)
                    covariance[row, column] = covariance[column, row] = Matrix.Dot(planes[row], planes[column]) / count;
            }
        );
        return new ChannelMoments(mean, covariance);
    }

    /// <summary>Mean and variance of each channel, the variance that of the whole population.</summary>
    public static (double[] Mean, double[] Variance) MeanAndVariance(IReadOnlyList<float[]> values, TensorShape shape)
    {
        var mean = new double[shape.Channels];
        var variance = new double[shape.Channels];
        var planes = Planes(values, shape.Batch, shape.Channels);
        Parallel.For(
            0,
            shape.Channels,
            channel =>
            {
                var average = planes[channel].Average();
                mean[channel] = average;
                variance[channel] = planes[channel].Sum(value => (value - average) * (value - average)) / planes[channel].Length;
            }
        );
        return (mean, variance);
    }

    // One list for each channel, over all inputs, images and pixels.
    private static double[][] Planes(IReadOnlyList<float[]> values, int batch, int channels)
    {
        var pixels = values[0].Length / (batch * channels);
        var planes = new double[channels][];
        Parallel.For(
            0,
            channels,
            channel =>
            {
                var plane = new double[values.Count * batch * pixels];
                var target = 0;
                foreach (var value in values)
                {
                    for (var image = 0; image < batch; image++)
                    {
                        foreach (var element in value.AsSpan(((image * channels) + channel) * pixels, pixels))
                            plane[target++] = element;
                    }
                }

                planes[channel] = plane;
            }
        );
        return planes;
    }
}
