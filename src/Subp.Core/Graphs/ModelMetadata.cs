namespace Subp.Core.Graphs;

/// <summary>
/// What a caller needs to know besides the shapes: class names and the normalisation of the input. It has no influence on the arithmetic.
/// </summary>
public sealed record ModelMetadata
{
    /// <summary>No class names, no normalisation.</summary>
    public static readonly ModelMetadata Empty = new();

    /// <summary>The names of the classes in the order of the output, or empty.</summary>
    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>Per input channel, the mean to subtract from pixel values in [0, 1]; empty where unknown.</summary>
    public IReadOnlyList<float> NormalizationMean { get; init; } = [];

    /// <summary>Per input channel, the standard deviation to divide by after the mean was subtracted; empty where unknown.</summary>
    public IReadOnlyList<float> NormalizationDeviation { get; init; } = [];
}
