namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// How far the means and deviations of a batch are from those that normalisations have stored: squared differences in units of the stored
/// deviation, the mean over channels and over normalisations.
/// </summary>
internal sealed class StatisticsDistance
{
    private double _sum;

    /// <summary>The normalisations that the mean is taken over.</summary>
    public int Normalisations { get; private set; }

    /// <summary>The distance since <see cref="Restart"/>.</summary>
    public double Value => _sum / Normalisations;

    /// <summary>Counts a normalisation.</summary>
    public void Register() => Normalisations++;

    /// <summary>Begins another batch.</summary>
    public void Restart() => _sum = 0;

    /// <summary>Adds what a normalisation found.</summary>
    /// <param name="meanOfChannels">The squared differences of means and deviations, the mean over its channels.</param>
    public void Add(double meanOfChannels) => _sum += meanOfChannels;
}
