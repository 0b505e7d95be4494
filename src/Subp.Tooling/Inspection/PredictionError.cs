namespace Subp.Tooling.Inspection;

/// <summary>How far predictions are from measured times.</summary>
/// <param name="Mean">The mean over the layers of |predicted - measured| / measured.</param>
/// <param name="TimeWeighted">The sum of |predicted - measured| over the sum of the measured times.</param>
/// <param name="Largest">The largest of the layers.</param>
/// <param name="LargestLayer">Its index.</param>
internal sealed record PredictionError(double Mean, double TimeWeighted, double Largest, int LargestLayer)
{
    /// <summary>Compares predictions with measured times, in the same unit and order.</summary>
    public static PredictionError Of(IReadOnlyList<double> predicted, IReadOnlyList<double> measured)
    {
        double[] errors = [.. predicted.Zip(measured, (guess, time) => Math.Abs(guess - time) / time)];
        var largest = Array.IndexOf(errors, errors.Max());
        return new PredictionError(
            errors.Average(),
            errors.Zip(measured, (error, time) => error * time).Sum() / measured.Sum(),
            errors[largest],
            largest
        );
    }
}
