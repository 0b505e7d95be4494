using Subp.Compression.Algebra;
using Subp.Compression.Statistics;

namespace Subp.Compression.Propagation;

/// <summary>What is known of the input of a convolution or linear layer.</summary>
/// <param name="Form">The layer.</param>
/// <param name="Input">Means and covariances of its input.</param>
/// <param name="PixelCorrelation">The base of the correlation of taps.</param>
internal sealed record LayerStatistics(LayerForm Form, ChannelMoments Input, double PixelCorrelation)
{
    /// <summary>[taps, taps].</summary>
    public Matrix TapCorrelation => Statistics.TapCorrelation.Of(Form.Kernel, Form.Dilation, PixelCorrelation);

    /// <summary>
    /// The correlation of neighbouring pixels that best explains the variances which a normalisation behind the layer has stored: the one
    /// for which predicted and stored variances differ most nearly by one factor.
    /// </summary>
    /// <param name="products">What taps add to the outputs (<see cref="FilterBank.TapProducts"/>).</param>
    /// <param name="form">The layer.</param>
    /// <param name="stored">The stored variance of each output.</param>
    public static double FitPixelCorrelation(IReadOnlyList<Matrix> products, LayerForm form, IReadOnlyList<double> stored)
    {
        const double Smallest = 1e-12;
        var (best, least) = (0.0, double.PositiveInfinity);
        foreach (var candidate in Statistics.TapCorrelation.Candidates)
        {
            var predicted = FilterBank.Variance(products, Statistics.TapCorrelation.Of(form.Kernel, form.Dilation, candidate));
            double[] ratios = [.. predicted.Zip(stored, (value, seen) => Math.Log(Math.Max(value, Smallest) / Math.Max(seen, Smallest)))];
            var mean = ratios.Average();
            var spread = ratios.Sum(ratio => (ratio - mean) * (ratio - mean));
            if (spread < least)
                (best, least) = (candidate, spread);
        }

        return best;
    }
}
