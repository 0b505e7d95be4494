namespace WebApi.Inference;

/// <summary>The answer to one image.</summary>
/// <param name="Class">The name of the most probable class.</param>
/// <param name="Index">Its index in the order of the network.</param>
/// <param name="Probability">Its probability.</param>
/// <param name="Probabilities">The probabilities of all classes, in the order of the network.</param>
public sealed record Classification(string Class, int Index, float Probability, float[] Probabilities)
{
    /// <summary>The softmax of the outputs of the network.</summary>
    /// <param name="logits">One value per class.</param>
    public static Classification FromLogits(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        var index = 0;
        for (var candidate = 1; candidate < logits.Length; candidate++)
        {
            if (logits[candidate] > logits[index])
                index = candidate;
        }

        // Relative to the largest, so that no exponential overflows.
        var sum = 0f;
        for (var candidate = 0; candidate < logits.Length; candidate++)
            sum += probabilities[candidate] = MathF.Exp(logits[candidate] - logits[index]);
        for (var candidate = 0; candidate < logits.Length; candidate++)
            probabilities[candidate] /= sum;
        return new Classification(Fashion.ClassNames[index], index, probabilities[index], probabilities);
    }
}
