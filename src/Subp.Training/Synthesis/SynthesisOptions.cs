namespace Subp.Training.Synthesis;

/// <summary>How images are made that a network's statistics describe; the defaults were chosen on ResNet-20 (docs/decisions).</summary>
public sealed record SynthesisOptions
{
    /// <summary>The images to make.</summary>
    public required int Images { get; init; }

    /// <summary>Steps of descent; the learning rate falls from <see cref="LearningRate"/> to 0 along half a cosine.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>The learning rate of the first step, in units of normalised pixels.</summary>
    public float LearningRate { get; init; } = 0.3f;

    /// <summary>What the cross entropy of an image's class counts beside the distance of statistics.</summary>
    public float ClassShare { get; init; } = 0.03f;

    /// <summary>What the mean squared difference of neighbouring pixels counts.</summary>
    public float Smoothness { get; init; } = 0.01f;

    /// <summary>Where the random numbers begin.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The threads; the same images for any number of them.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
