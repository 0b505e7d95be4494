namespace Subp.Training.Distilling;

/// <summary>How a changed network learns to answer as the original does.</summary>
public sealed record DistillationOptions
{
    /// <summary>Passes over all inputs.</summary>
    public required int Epochs { get; init; }

    /// <summary>
    /// The most images of a step; of large networks as many as fit into 1.5 GB, at least 8. Normalisations have the statistics of a
    /// step, so that few images add noise.
    /// </summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>The learning rate of the first step; it falls to 0 along half a cosine.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>The temperature at which answers are compared: above 1 the ranking of wrong classes counts too.</summary>
    public double Temperature { get; init; } = 4;

    /// <summary>Every image is moved by up to so many pixels along each axis in each pass; what is moved in repeats the border.</summary>
    public int Shift { get; init; } = 2;

    /// <summary>
    /// The share of the passes, from the first on, in which every image is mixed with another. The last passes see images as they are, so
    /// that normalisations end with the statistics of such.
    /// </summary>
    public double MixedShare { get; init; } = 0.75;

    /// <summary>Where the random numbers begin.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The threads; the same weights for any number of them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
