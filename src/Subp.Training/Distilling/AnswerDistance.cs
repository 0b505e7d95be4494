using Subp.Training.Engines;
using Subp.Training.Runs;

namespace Subp.Training.Distilling;

/// <summary>
/// How far the answers of a network are from those of its teacher, as the network answers when it is used: with the statistics that its
/// normalisations have stored, and to images that are not moved.
/// </summary>
internal sealed class AnswerDistance(ShiftedImages images, Teacher teacher, ITrainingEngine engine, int batchSize)
{
    private readonly bool _hasProbabilities = new TrainedNetwork(engine.Graph).EndsWithSoftmax;

    /// <summary>The mean square of the differences of logits, each image's without their mean, which a softmax does not see.</summary>
    public double Measure()
    {
        double sum = 0;
        for (var first = 0; first < images.Count; first += batchSize)
        {
            var count = Math.Min(batchSize, images.Count - first);
            var pixels = new float[count * images.Length];
            for (var index = 0; index < count; index++)
                images[first + index].CopyTo(pixels.AsSpan(index * images.Length));
            var wanted = teacher.Answer(pixels, count).Logits.Span;
            var classes = wanted.Length / count;
            var found = new float[wanted.Length];
            engine.Predict(pixels, count, found);
            for (var index = 0; index < count; index++)
                sum += Distance(found.AsSpan(index * classes, classes), wanted.Slice(index * classes, classes)) / images.Count;
        }

        return sum;
    }

    private double Distance(ReadOnlySpan<float> found, ReadOnlySpan<float> wanted)
    {
        double sum = 0,
            squares = 0;
        for (var index = 0; index < found.Length; index++)
        {
            var difference = (_hasProbabilities ? MathF.Log(MathF.Max(found[index], 1e-30f)) : found[index]) - (double)wanted[index];
            sum += difference;
            squares += difference * difference;
        }

        return (squares / found.Length) - (sum / found.Length * (sum / found.Length));
    }
}
