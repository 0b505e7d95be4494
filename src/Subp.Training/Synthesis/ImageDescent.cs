namespace Subp.Training.Synthesis;

/// <summary>Adam (Kingma and Ba, ICLR 2015) on the pixels of a batch, with a learning rate that falls to 0 along half a cosine.</summary>
/// <param name="pixels">The number of pixels of the batch.</param>
/// <param name="learningRate">The learning rate of the first step.</param>
/// <param name="steps">The number of steps.</param>
internal sealed class ImageDescent(int pixels, float learningRate, int steps)
{
    private const float FirstDecay = 0.9f;
    private const float SecondDecay = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[] _first = new float[pixels];
    private readonly float[] _second = new float[pixels];
    private int _step;

    /// <summary>Moves the pixels against their gradient.</summary>
    public void Step(Span<float> values, ReadOnlySpan<float> gradient)
    {
        var rate = learningRate * 0.5 * (1 + Math.Cos(Math.PI * _step / steps));
        _step++;
        // Both averages begin at 0, which is taken back.
        var size = (float)(rate / (1 - Math.Pow(FirstDecay, _step)));
        var unbias = (float)(1 / (1 - Math.Pow(SecondDecay, _step)));
        for (var index = 0; index < values.Length; index++)
        {
            var slope = gradient[index];
            _first[index] = (FirstDecay * _first[index]) + ((1 - FirstDecay) * slope);
            _second[index] = (SecondDecay * _second[index]) + ((1 - SecondDecay) * slope * slope);
            values[index] -= size * _first[index] / (MathF.Sqrt(_second[index] * unbias) + Epsilon);
        }
    }
}
