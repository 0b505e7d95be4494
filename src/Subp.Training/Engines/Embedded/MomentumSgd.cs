using System.Numerics;

namespace Subp.Training.Engines.Embedded;

/// <summary>Stochastic gradient descent with momentum and L2 weight decay: v = m v + (g + d w), w = w - r v.</summary>
internal static class MomentumSgd
{
    /// <summary>Moves one parameter.</summary>
    public static void Step(TrainedParameter parameter, StepSettings settings)
    {
        float decay = parameter.Decays ? settings.WeightDecay : 0;
        Span<float> values = parameter.Values;
        Span<float> momentum = parameter.Momentum;
        ReadOnlySpan<float> gradient = parameter.Gradient;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            var velocity = (new Vector<float>(momentum[i..]) * settings.Momentum) + new Vector<float>(gradient[i..]) + (value * decay);
            velocity.CopyTo(momentum[i..]);
            (value - (velocity * settings.LearningRate)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            momentum[i] = (momentum[i] * settings.Momentum) + gradient[i] + (values[i] * decay);
            values[i] -= momentum[i] * settings.LearningRate;
        }
    }
}
