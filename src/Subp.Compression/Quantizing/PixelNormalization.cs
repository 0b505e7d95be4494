namespace Subp.Compression.Quantizing;

/// <summary>How pixels from 0 to 255 become the numbers of an image: (pixel / 255 - mean) / deviation, channel by channel.</summary>
public sealed class PixelNormalization
{
    /// <summary>The mean of each channel, of pixels from 0 to 1.</summary>
    public required IReadOnlyList<float> Means { get; init; }

    /// <summary>The deviation of each channel, above 0.</summary>
    public required IReadOnlyList<float> Deviations { get; init; }
}
