namespace Subp.Compression.Quantizing;

/// <summary>How the range of a value is chosen from the numbers that calibration inputs give it.</summary>
public enum RangeMethod
{
    /// <summary>From the smallest to the largest.</summary>
    MinMax,

    /// <summary>What is left of all but one in ten thousand numbers, counted by magnitude.</summary>
    Percentile,

    /// <summary>The range with the smallest mean squared error of rounding and clipping.</summary>
    MeanSquare,

    /// <summary>The range whose bytes tell most of the distribution: the smallest Kullback-Leibler divergence from it.</summary>
    Entropy,
}
