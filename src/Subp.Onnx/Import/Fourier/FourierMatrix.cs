namespace Subp.Onnx.Import.Fourier;

/// <summary>
/// The discrete Fourier transform as a matrix: frequency k of a signal is the sum over its samples n of x[n] * exp(-2 pi i k n / size),
/// with the other sign and divided by the size for the inverse.
/// </summary>
/// <param name="Size">The number of samples that a period has.</param>
/// <param name="Frequencies">The number of frequencies that are computed, from 0.</param>
/// <param name="IsInverse">True for the inverse.</param>
internal sealed record FourierMatrix(int Size, int Frequencies, bool IsInverse = false)
{
    /// <summary>The most numbers of a matrix.</summary>
    public const long MostNumbers = 1 << 24;

    /// <summary>Half of the spectrum of a real signal, which says the other half as well.</summary>
    public static int HalfOf(int size) => (size / 2) + 1;

    /// <summary>
    /// The rows of the matrix, for every frequency the real part of the sum and its imaginary part: [2 * frequencies, parts, samples]. A
    /// complex sample has two parts, a real one has one. Samples beyond the size count nothing.
    /// </summary>
    /// <param name="samples">The number of samples that are given.</param>
    /// <param name="parts">1 for real samples, 2 for complex ones.</param>
    /// <param name="window">A factor for each sample, or null.</param>
    public float[] Rows(int samples, int parts, float[]? window = null)
    {
        var rows = new float[2 * Frequencies * parts * samples];
        for (var frequency = 0; frequency < Frequencies; frequency++)
        {
            for (var sample = 0; sample < Math.Min(samples, Size); sample++)
            {
                // The product is reduced to one turn first, so that the angle keeps all its digits.
                var angle = 2 * Math.PI * ((long)frequency * sample % Size) / Size * (IsInverse ? 1 : -1);
                var factor = (window?[sample] ?? 1.0) / (IsInverse ? Size : 1);
                var (cosine, sine) = ((float)(factor * Math.Cos(angle)), (float)(factor * Math.Sin(angle)));
                int Place(int row, int part) => (((((2 * frequency) + row) * parts) + part) * samples) + sample;
                rows[Place(0, 0)] = cosine;
                rows[Place(1, 0)] = sine;
                if (parts == 1)
                    continue;
                rows[Place(0, 1)] = -sine;
                rows[Place(1, 1)] = cosine;
            }
        }

        return rows;
    }
}
