using Subp.Compression.Algebra;

namespace Subp.Compression.Restoration;

/// <summary>
/// The input channels of a layer, or of a group of its outputs, while some are removed one after another and what each did is given to
/// those that stay: with the coefficients of the regression of the removed channel on the others, which comes to the same as one
/// regression of all removed channels on all kept ones.
/// </summary>
internal sealed class Elimination
{
    private const int LeastInParallel = 1 << 21;

    private readonly Matrix _blocks;
    private readonly double[] _importance;
    private readonly Matrix _inverse;
    private readonly SortedSet<int> _alive;
    private readonly double[] _energy;
    private readonly bool[] _isGone;

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
        _isGone = new bool[blocks.Rows];
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
        // What each removed channel has in common with all others when it goes; of these few rows every other channel takes its part at
        // once.
        var shared = new Matrix(gone.Length, _inverse.Rows);
        for (var index = 0; index < gone.Length; index++)
        {
            CopyColumn(gone[index], shared.Row(index));
            var factors = Factors(shared, gone, gone[index], index);
            Matrix.AddScaledRows(shared.Row(index), factors, shared, Enumerable.Range(0, index).ToArray());
            Matrix.AddScaledRows(_blocks.Row(gone[index]), factors, _blocks, gone.AsSpan(0, index));
        }

        int[] all = [.. Enumerable.Range(0, gone.Length)];
        if ((long)_alive.Count * (_blocks.Columns + _inverse.Columns) < LeastInParallel)
        {
            foreach (var channel in _alive)
                Take(channel);
        }
        else
        {
            Parallel.ForEach(_alive, Take);
        }

        foreach (var channel in gone)
        {
            _blocks.Row(channel).Clear();
            _isGone[channel] = true;
        }

        void Take(int channel)
        {
            var factors = Factors(shared, gone, channel, gone.Length);
            Matrix.AddScaledRows(_blocks.Row(channel), factors, _blocks, gone);
            Matrix.AddScaledRows(_inverse.Row(channel)[..(channel + 1)], factors, shared, all);
            _energy[channel] = Energy(channel);
        }
    }

    // Only the lower half of the inverse is kept up to date; what stands in rows of channels that went before means nothing.
    private void CopyColumn(int channel, Span<double> target)
    {
        _inverse.Row(channel)[..(channel + 1)].CopyTo(target);
        for (var row = channel + 1; row < target.Length; row++)
            target[row] = _isGone[row] ? 0 : _inverse[row, channel];
    }

    private static double[] Factors(Matrix shared, ReadOnlySpan<int> gone, int channel, int count)
    {
        var factors = new double[count];
        for (var index = 0; index < count; index++)
            factors[index] = -shared[index, channel] / shared[index, gone[index]];
        return factors;
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
