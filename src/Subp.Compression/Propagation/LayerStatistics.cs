using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Weights;

namespace Subp.Compression.Propagation;

/// <summary>What is known of the input of a convolution or linear layer.</summary>
/// <param name="Form">The layer.</param>
/// <param name="Input">Means and covariances of its input.</param>
/// <param name="PixelCorrelation">The base of the correlation of taps.</param>
internal sealed record LayerStatistics(LayerForm Form, ChannelMoments Input, double PixelCorrelation)
{
    private LayerStatistics(LayerStatistics other, Lazy<PatchMoments?> patches)
        : this(other.Form, other.Input, other.PixelCorrelation) => _patches = patches;

    private readonly Lazy<PatchMoments?> _patches = new(() => null);

    /// <summary>[taps, taps].</summary>
    public Matrix TapCorrelation => Statistics.TapCorrelation.Of(Form.Kernel, Form.Dilation, PixelCorrelation);

    /// <summary>
    /// The covariance of channels as the layer reads them: fitted to what the normalisation behind it has stored, where that is known.
    /// </summary>
    public Matrix ReadCovariance => _patches.Value?.ChannelCovariance() ?? Input.Covariance;

    /// <summary>The same layer with what its filters read fitted to what the normalisation behind it has stored.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    public LayerStatistics Fitted(Model model) => new(this, new Lazy<PatchMoments?>(() => PatchMoments.Of(model, this)));

    /// <summary>What filters in the place of the layer's make of its input.</summary>
    public FilterMoments Through(FilterBank filters) =>
        _patches.Value?.Through(filters) ?? FilterMoments.Of(filters, Input, TapCorrelation);

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
