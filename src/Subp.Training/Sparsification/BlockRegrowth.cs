using Subp.Training.Numerics;

namespace Subp.Training.Sparsification;

/// <summary>Block regrowing via importance sampling, BRIS (Xiang et al., NeurIPS 2023).</summary>
public static class BlockRegrowth
{
    private const double SmallestNorm = 1e-12;

    /// <summary>
    /// The probabilities of the candidates: softmax over the scores, after the score vector has been divided by its Euclidean
    /// norm and by the temperature <paramref name="tau"/>.
    /// </summary>
    public static double[] Probabilities(ReadOnlySpan<double> candidateScores, double tau = 1.0)
    {
        double squares = 0;
        double largest = double.NegativeInfinity;
        foreach (double score in candidateScores)
        {
            squares += score * score;
            largest = Math.Max(largest, score);
        }

        double scale = 1.0 / (Math.Max(Math.Sqrt(squares), SmallestNorm) * tau);
        var probabilities = new double[candidateScores.Length];
        double total = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = Math.Exp((candidateScores[i] - largest) * scale);
            total += probabilities[i];
        }

        for (int i = 0; i < probabilities.Length; i++)
            probabilities[i] /= total;

        return probabilities;
    }

    /// <summary>Draws distinct indices, one after the other, each in proportion to the weights of those not yet drawn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More indices are asked for than there are weights.</exception>
    public static int[] SampleWithoutReplacement(ReadOnlySpan<double> weights, int count, DeterministicRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, weights.Length);
        double[] left = weights.ToArray();
        var drawn = new int[count];
        for (int i = 0; i < count; i++)
        {
            double threshold = random.NextDouble() * left.Sum();
            int pick = -1;
            for (int candidate = 0; candidate < left.Length; candidate++)
            {
                if (left[candidate] <= 0)
                    continue;

                // The last candidate left is the answer when rounding lets the threshold survive the whole sum.
                pick = candidate;
                threshold -= left[candidate];
                if (threshold < 0)
                    break;
            }

            drawn[i] = pick;
            left[pick] = 0;
        }

        return drawn;
    }
}
