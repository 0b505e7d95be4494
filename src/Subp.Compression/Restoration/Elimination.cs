using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// The input channels of a layer, or of a group of its outputs, while some are removed one after another and what each did is given to
/// those that stay: with the coefficients of the regression of the removed channel on the others, which comes to the same as one
/// regression of all removed channels on all kept ones.
/// </summary>
internal sealed class Elimination
{
    private readonly Matrix _blocks;
    private readonly double[] _importance;
    private readonly Matrix _inverse;
    private readonly SortedSet<int> _alive;
    private readonly double[] _energy;

    /// <summary>Begins with all channels.</summary>
    /// <param name="blocks">[input channels, outputs x taps]; changed in place, removed channels become zero.</param>
    /// <param name="importance">The factor of each column's square in the loss.</param>
    /// <param name="inverse">The inverse of the covariance of the channels with its ridge; changed in place.</param>
    public Elimination(Matrix blocks, double[] importance, Matrix inverse)
    {
        _blocks = blocks;
        _importance = importance;
        _inverse = inverse;
        _alive = [.. Enumerable.Range(0, blocks.Rows)];
        _energy = [.. _alive.Select(Energy)];
    }

    /// <summary>The channels that are left, ascending.</summary>
    public IReadOnlyCollection<int> Alive => _alive;

    /// <summary>[input channels, outputs x taps] by now.</summary>
    public Matrix Blocks => _blocks;

    /// <summary>The inverse of a covariance whose diagonal got a share of its mean, which keeps coefficients small.</summary>
    public static Matrix Invert(Matrix covariance, double relativeRidge)
    {
        // A tiny floor serves inputs that never vary at all.
        var ridge = Math.Max(relativeRidge * covariance.Trace() / covariance.Rows, 1e-12);
        return Cholesky.FactorWithRidge(covariance, ridge).Factor.Inverse();
    }

    /// <summary>
    /// The variance of the outputs that is lost with a channel: its squared weights times the variance of it that the others leave
    /// unexplained.
    /// </summary>
    public double Loss(int channel) => _energy[channel] / _inverse[channel, channel];

    /// <summary>Removes a channel.</summary>
    public void Remove(int gone) => Remove([gone]);

    /// <summary>Removes channels, with the result of removing them one by one.</summary>
    public void Remove(IReadOnlyList<int> channels)
    {
        int[] gone = [.. channels.Where(_alive.Remove)];
        // Each removed channel as it was when it went; then every other row takes all of them while it lies in the cache.
        for (var index = 1; index < gone.Length; index++)
            Give(gone[index], gone.AsSpan(0, index));
        foreach (var channel in _alive)
        {
            Give(channel, gone);
            _energy[channel] = Energy(channel);
        }

        foreach (var channel in gone)
            _blocks.Row(channel).Clear();
    }

    private void Give(int channel, ReadOnlySpan<int> gone)
    {
        foreach (var removed in gone)
        {
            var factor = -_inverse[channel, removed] / _inverse[removed, removed];
            if (factor == 0)
                continue;
            Matrix.AddScaled(_blocks.Row(channel), factor, _blocks.Row(removed));
            Matrix.AddScaled(_inverse.Row(channel), factor, _inverse.Row(removed));
        }
    }

    private double Energy(int channel)
    {
        double sum = 0;
        var block = _blocks.Row(channel);
        for (var index = 0; index < block.Length; index++)
            sum += _importance[index] * block[index] * block[index];
        return sum;
    }
}
