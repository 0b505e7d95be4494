using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Propagation;

/// <summary>What operators without weights make of the statistics of their inputs.</summary>
internal static class ValueMoments
{
    /// <summary>The sum of two values that are taken as independent, or of a value and itself.</summary>
    public static ChannelMoments Sum(ChannelMoments left, ChannelMoments right, bool isSame) =>
        left with
        {
            Mean = [.. left.Mean.Zip(right.Mean, (first, second) => first + second)],
            Covariance = Combine(left.Covariance, right.Covariance, (first, second) => isSame ? 4 * first : first + second),
            PixelCorrelation = (left.PixelCorrelation + right.PixelCorrelation) / 2,
        };

    /// <summary>A value whose channels are scaled by a gate, which is taken as the constant that it is on average.</summary>
    public static ChannelMoments Scaled(ChannelMoments value, ChannelMoments gate)
    {
        var covariance = new Matrix(value.Channels, value.Channels);
        for (var row = 0; row < value.Channels; row++)
        {
            for (var column = 0; column < value.Channels; column++)
                covariance[row, column] = value.Covariance[row, column] * gate.Mean[row] * gate.Mean[column];
        }

        return value with
        {
            Mean = [.. value.Mean.Zip(gate.Mean, (mean, factor) => mean * factor)],
            Covariance = covariance,
        };
    }

    /// <summary>The product of two values that are taken as independent.</summary>
    public static ChannelMoments Product(ChannelMoments left, ChannelMoments right)
    {
        var covariance = new Matrix(left.Channels, left.Channels);
        for (var row = 0; row < left.Channels; row++)
        {
            for (var column = 0; column < left.Channels; column++)
            {
                double first = left.Covariance[row, column],
                    second = right.Covariance[row, column];
                covariance[row, column] =
                    (first * second) + (first * right.Mean[row] * right.Mean[column]) + (second * left.Mean[row] * left.Mean[column]);
            }
        }

        return left with
        {
            Mean = [.. left.Mean.Zip(right.Mean, (first, second) => first * second)],
            Covariance = covariance,
        };
    }

    /// <summary>Channels behind each other; different values are taken as independent, one value twice as the same.</summary>
    public static ChannelMoments Joined(IReadOnlyList<ChannelMoments> parts, IReadOnlyList<string> names)
    {
        var channels = parts.Sum(part => part.Channels);
        var covariance = new Matrix(channels, channels);
        var firstRow = 0;
        for (var row = 0; row < parts.Count; row++)
        {
            var firstColumn = 0;
            for (var column = 0; column < parts.Count; column++)
            {
                if (names[row] == names[column])
                {
                    for (var channel = 0; channel < parts[row].Channels; channel++)
                        parts[row].Covariance.Row(channel).CopyTo(covariance.Row(firstRow + channel)[firstColumn..]);
                }

                firstColumn += parts[column].Channels;
            }

            firstRow += parts[row].Channels;
        }

        return new ChannelMoments([.. parts.SelectMany(part => part.Mean)], covariance)
        {
            PixelCorrelation = parts.Average(part => part.PixelCorrelation),
        };
    }

    /// <summary>The mean of a window: neighbours vary together, so that only part of the variance goes.</summary>
    public static ChannelMoments Averaged(ChannelMoments value, Extent window)
    {
        var share = TapCorrelation.OfMean(window, value.PixelCorrelation);
        return value with
        {
            Covariance = new(value.Channels, value.Channels, [.. value.Covariance.Values.Select(element => element * share)]),
        };
    }

    /// <summary>The channels of an image as features, or null where they lie in no known order.</summary>
    public static ChannelMoments? Flattened(ChannelMoments value, TensorShape shape) =>
        shape.IsImage ? value with { Plane = (shape.Height, shape.Width) }
        : shape.IsVector ? value
        : null;

    private static Matrix Combine(Matrix left, Matrix right, Func<double, double, double> combine) =>
        new(left.Rows, left.Columns, [.. left.Values.Zip(right.Values, combine)]);
}
