namespace WebApi.Inference;

/// <summary>Turns bytes into what the network was trained on. The constants come with the model, from its training recipe.</summary>
public static class PixelScale
{
    private static readonly float s_scale = 1 / (255 * Fashion.NormalizationDeviation[0]);
    private static readonly float s_offset = -Fashion.NormalizationMean[0] / Fashion.NormalizationDeviation[0];

    /// <summary>(pixel / 255 - mean) / deviation.</summary>
    /// <param name="pixels">Grey values.</param>
    /// <param name="input">Receives as many floats.</param>
    public static void Apply(ReadOnlySpan<byte> pixels, Span<float> input)
    {
        for (var index = 0; index < pixels.Length; index++)
            input[index] = (pixels[index] * s_scale) + s_offset;
    }
}
