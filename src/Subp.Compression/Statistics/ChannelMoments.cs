using Subp.Compression.Algebra;
using Subp.Core.Operators;

namespace Subp.Compression.Statistics;

/// <summary>What is known of a value without looking into it: the mean of each channel, and how channels vary together.</summary>
/// <param name="Mean">The mean of each channel, over images and pixels.</param>
/// <param name="Covariance">[channels, channels], at one pixel.</param>
internal sealed record ChannelMoments(double[] Mean, Matrix Covariance)
{
    /// <summary>The correlation of a channel with itself one pixel away; at a distance d it is taken as this to the power d.</summary>
    public double PixelCorrelation { get; init; } = 0.5;

    /// <summary>
    /// Flattened images only: the rows and columns of a channel that lie behind each other as features. A linear layer over them is a
    /// convolution of this extent, and statistics of channels are all that it needs.
    /// </summary>
    public (int Height, int Width) Plane { get; init; } = (1, 1);

    /// <summary>The number of channels.</summary>
    public int Channels => Mean.Length;

    /// <summary>The variance of each channel.</summary>
    public double[] Variance => [.. Enumerable.Range(0, Channels).Select(channel => Covariance[channel, channel])];

    /// <summary>Channels of given means and variances that have nothing to do with each other.</summary>
    public static ChannelMoments Uncorrelated(double[] mean, IReadOnlyList<double> variance) => new(mean, Matrix.Diagonal(variance));

    /// <summary>
    /// Flattened images only: every feature by itself, pixels of a channel correlated by their distance. The covariance has the square of
    /// the number of features.
    /// </summary>
    public ChannelMoments Spread()
    {
        var pixels = Plane.Height * Plane.Width;
        if (pixels == 1)
            return this;
        var taps = TapCorrelation.Of(new Extent(Plane.Height, Plane.Width), Extent.One, PixelCorrelation);
        var features = Channels * pixels;
        var covariance = new Matrix(features, features);
        for (var row = 0; row < features; row++)
        {
            for (var column = 0; column < features; column++)
                covariance[row, column] = Covariance[row / pixels, column / pixels] * taps[row % pixels, column % pixels];
        }

        return new ChannelMoments([.. Mean.SelectMany(mean => Enumerable.Repeat(mean, pixels))], covariance)
        {
            PixelCorrelation = PixelCorrelation,
        };
    }

    /// <summary>The channels of a list of indices, in its order.</summary>
    public ChannelMoments Take(IReadOnlyList<int> channels) =>
        this with
        {
            Mean = [.. channels.Select(channel => Mean[channel])],
            Covariance = Covariance.Take(channels, channels),
        };
}
