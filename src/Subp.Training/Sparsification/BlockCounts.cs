namespace Subp.Training.Sparsification;

/// <summary>
/// How many blocks of every group an update prunes, brings back and keeps. The same numbers hold for all groups of a layer,
/// which is what makes the pattern uniform.
/// </summary>
/// <param name="Channels">Cin, the number of blocks of a group.</param>
/// <param name="Pruned">P = trunc(p Cin), the number of candidates at the target rate.</param>
/// <param name="Regrown">R = trunc((p - p_t) Cin), how many of the candidates come back at the current rate.</param>
public readonly record struct BlockCounts(int Channels, int Pruned, int Regrown)
{
    /// <summary>Cin - P + R.</summary>
    public int Kept => Channels - Pruned + Regrown;

    /// <summary>
    /// Counts for a target rate and a current rate. Products are taken in double and cut off, as the published code does, so
    /// that the counts of published networks come out the same.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The rates are not 0 &lt;= current &lt;= target &lt; 1.</exception>
    public static BlockCounts For(int channels, double targetRate, double currentRate)
    {
        if (!(targetRate >= 0 && targetRate < 1))
            throw new ArgumentOutOfRangeException(nameof(targetRate), targetRate, "A sparsity lies in [0, 1).");

        if (!(currentRate >= 0 && currentRate <= targetRate))
            throw new ArgumentOutOfRangeException(nameof(currentRate), currentRate, "The current rate lies between 0 and the target.");

        return new BlockCounts(channels, (int)(targetRate * channels), (int)((targetRate - currentRate) * channels));
    }
}
