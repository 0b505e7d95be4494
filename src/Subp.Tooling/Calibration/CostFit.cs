using Subp.Compiler.Planning.Costs;

namespace Subp.Tooling.Calibration;

/// <summary>A layer that ran: what its kernel did and how long it took.</summary>
/// <param name="Work">The work.</param>
/// <param name="Cycles">The measured time.</param>
internal sealed record MeasuredWork(IReadOnlyList<WorkItem> Work, double Cycles);

/// <summary>
/// Finds the cycles of every kind of work from layers that ran: those that make the mean relative error of the predictions small, none
/// below zero. A pull towards known cycles keeps kinds where they were that few layers have. Least absolute errors by least squares whose
/// weights follow the errors (Lawson's algorithm), each step by descent along one kind after the other.
/// </summary>
internal static class CostFit
{
    private const int Reweightings = 30,
        Sweeps = 60;

    /// <summary>Errors below this are as good as none, so that no single layer gets all of the weight.</summary>
    private const double LeastError = 0.02;

    /// <summary>What the pull of one kind weighs beside the error of one layer.</summary>
    private const double Pull = 0.02;

    /// <summary>No kind becomes cheaper than this share of what it was: some layer that was not measured may consist of it.</summary>
    private const double LeastShare = 0.05;

    /// <summary>The cycles of all kinds.</summary>
    /// <param name="known">Cycles to begin with, for every kind.</param>
    /// <param name="layers">The layers.</param>
    public static IReadOnlyDictionary<string, double> Of(IReadOnlyDictionary<string, double> known, IReadOnlyList<MeasuredWork> layers)
    {
        string[] kinds = [.. known.Keys.Order(StringComparer.Ordinal)];
        var shares = new double[layers.Count][];
        for (var layer = 0; layer < layers.Count; layer++)
        {
            shares[layer] = new double[kinds.Length];
            foreach (var item in layers[layer].Work)
                // In units of what is known: every unknown is a factor about 1.
                shares[layer][Array.IndexOf(kinds, item.Kind)] += item.Count * known[item.Kind] / layers[layer].Cycles;
        }

        var scale = Scale(shares);
        double[] factors = [.. kinds.Select(_ => scale)];
        for (var step = 0; step < Reweightings; step++)
        {
            double[] weights = [.. shares.Select(row => 1 / Math.Max(LeastError, Math.Abs(Predicted(row, factors) - 1)))];
            Descend(shares, weights, factors, scale);
        }

        return kinds.Zip(factors).ToDictionary(pair => pair.First, pair => known[pair.First] * pair.Second, StringComparer.Ordinal);
    }

    /// <summary>The mean relative error of predictions.</summary>
    public static double MeanError(IReadOnlyDictionary<string, double> cycles, IReadOnlyList<MeasuredWork> layers) =>
        layers.Average(layer => Math.Abs((layer.Work.Sum(item => item.Count * cycles[item.Kind]) / layer.Cycles) - 1));

    // The machine as a whole is faster or slower than the known one by the median over the layers.
    private static double Scale(double[][] shares)
    {
        double[] ratios = [.. shares.Select(row => 1 / row.Sum()).Order()];
        return ratios[ratios.Length / 2];
    }

    private static double Predicted(double[] row, double[] factors)
    {
        double sum = 0;
        for (var kind = 0; kind < row.Length; kind++)
            sum += row[kind] * factors[kind];
        return sum;
    }

    private static void Descend(double[][] shares, double[] weights, double[] factors, double scale)
    {
        double[] errors = [.. shares.Select(row => Predicted(row, factors) - 1)];
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var kind = 0; kind < factors.Length; kind++)
            {
                var slope = Pull * (factors[kind] - scale) / (scale * scale);
                var curvature = Pull / (scale * scale);
                for (var layer = 0; layer < shares.Length; layer++)
                {
                    slope += weights[layer] * shares[layer][kind] * errors[layer];
                    curvature += weights[layer] * shares[layer][kind] * shares[layer][kind];
                }

                var next = Math.Max(LeastShare * scale, factors[kind] - (slope / curvature));
                for (var layer = 0; layer < shares.Length; layer++)
                    errors[layer] += shares[layer][kind] * (next - factors[kind]);
                factors[kind] = next;
            }
        }
    }
}
