namespace Subp.Training.Engines;

/// <summary>
/// How a training rounds what a network of bytes rounds: weights to signed bytes with a scale for each output channel, values to unsigned
/// bytes whose range follows what they take. Gradients pass as if nothing were rounded (straight-through: Bengio et al., 2013; ranges and
/// rounding as in Jacob et al., 2018).
/// </summary>
/// <param name="WeightBits">The bits of a weight with its sign, 8 or 7.</param>
public sealed record ByteRounding(int WeightBits)
{
    /// <summary>The largest magnitude of a rounded weight in steps of its scale.</summary>
    public int LargestWeight => (1 << (WeightBits - 1)) - 1;

    /// <summary>Moves a range towards what a batch takes; it always holds 0, since padding is 0.</summary>
    /// <param name="range">The smallest and the largest number; both 0 before the first batch, which is taken as it is.</param>
    /// <param name="low">The smallest number of the batch.</param>
    /// <param name="high">The largest number of the batch.</param>
    public static void Follow(Span<float> range, float low, float high)
    {
        var share = range[0] == 0 && range[1] == 0 ? 1 : TrainedNetwork.StatisticsMomentum;
        range[0] += share * (Math.Min(low, 0) - range[0]);
        range[1] += share * (Math.Max(high, 0) - range[1]);
    }
}
