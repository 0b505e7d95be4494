using Subp.Training.Engines;

namespace Subp.Training.Tests.Distributed;

/// <summary>
/// What one process must do to compute what several ranks compute: normalise each part of the batch by itself and average the gradients.
/// </summary>
internal sealed class AccumulatedGradients(int parts) : IGradientExchange
{
    private readonly Dictionary<string, float[]> _sums = new(StringComparer.Ordinal);
    private int _part;

    /// <summary>One step over the parts of a batch.</summary>
    public static double Train(
        ITrainingEngine engine,
        ReadOnlySpan<float> images,
        ReadOnlySpan<int> labels,
        int parts,
        StepSettings settings
    )
    {
        var exchange = new AccumulatedGradients(parts);
        engine.GradientExchange = exchange;
        double loss = 0;
        var (count, length) = (labels.Length / parts, images.Length / parts);
        for (exchange._part = 0; exchange._part < parts; exchange._part++)
        {
            var part = images.Slice(exchange._part * length, length);
            var classes = labels.Slice(exchange._part * count, count);
            loss +=
                exchange._part < parts - 1
                    ? engine.ComputeGradients(part, classes, settings.LabelSmoothing).Loss
                    : engine.Train(part, classes, settings).Loss;
        }

        return loss / parts;
    }

    public void Send(string parameter, ReadOnlySpan<float> gradient)
    {
        if (!_sums.TryGetValue(parameter, out var sum))
            _sums[parameter] = sum = new float[gradient.Length];
        for (var i = 0; i < sum.Length; i++)
            sum[i] += gradient[i] / parts;
    }

    public void Receive(string parameter, Span<float> gradient)
    {
        if (_part == parts - 1)
            _sums[parameter].CopyTo(gradient);
    }
}
