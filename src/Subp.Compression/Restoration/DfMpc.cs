using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// DF-MPC (arXiv 2307.00498, Pattern Recognition 2023): the next layer reads every channel of a layer of very few bits with a factor, found
/// in closed form. The formula is derived from the published description. Without the two factors of the loss it is the scale that a
/// quantiser per filter has already, so that nothing is gained; and on top of statistics that were estimated again it undoes them.
/// </summary>
internal static class DfMpc
{
    /// <summary>The factor of each channel.</summary>
    /// <param name="exact">The channels before quantisation.</param>
    /// <param name="quantised">The channels after it.</param>
    /// <param name="biasFactor">The factor of the biases in the loss.</param>
    /// <param name="sizeFactor">The factor of the size of the result in the loss.</param>
    public static double[] Factors(FoldedFilters exact, FoldedFilters quantised, double biasFactor, double sizeFactor)
    {
        var factors = new double[exact.Channels];
        for (var channel = 0; channel < factors.Length; channel++)
        {
            var filter = quantised.Filters.Row(channel);
            var bias = quantised.Bias[channel];
            var size = Matrix.Dot(filter, filter) + (biasFactor * bias * bias) + sizeFactor;
            var product = Matrix.Dot(exact.Filters.Row(channel), filter) + (biasFactor * exact.Bias[channel] * bias);
            // A filter of zeros has no direction to stretch.
            factors[channel] = size > 0 ? product / size : 1;
        }

        return factors;
    }
}
