using Models;

namespace FashionClassifier;

/// <summary>
/// Says which garment a picture shows. The face of the library: callers see neither tensors nor the class that was compiled for the
/// network. One instance for each concurrent caller; the weights are shared by all of them.
/// </summary>
public sealed class GarmentClassifier : IDisposable
{
    private readonly FashionResnet8.Session _session = FashionResnet8.Instance.CreateSession(threads: 1);
    private readonly float[] _input = new float[FashionResnet8.InputLength];
    private readonly float[] _scores = new float[FashionResnet8.OutputLength];

    /// <summary>The side of a picture in pixels.</summary>
    public static int Side => 28;

    /// <summary>Classifies a picture.</summary>
    /// <param name="pixels">28 rows of 28 grey values, 0 for the ground and 255 for the brightest cloth.</param>
    /// <exception cref="ArgumentException">There are not 784 pixels.</exception>
    public Garment Classify(ReadOnlySpan<byte> pixels)
    {
        if (pixels.Length != Side * Side)
            throw new ArgumentException($"Found {pixels.Length} pixels, expected {Side * Side}.", nameof(pixels));
        float mean = FashionResnet8.NormalizationMean[0],
            deviation = FashionResnet8.NormalizationDeviation[0];
        for (int index = 0; index < _input.Length; index++)
            _input[index] = ((pixels[index] / 255f) - mean) / deviation;
        _session.Run(_input, _scores);
        return (Garment)Array.IndexOf(_scores, _scores.Max());
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
