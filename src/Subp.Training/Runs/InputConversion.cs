using Subp.Core.Graphs;
using Subp.Training.Data;

namespace Subp.Training.Runs;

/// <summary>
/// Images that are normalised for one network as another wants them: (pixel - m) / d becomes (pixel - m') / d' with one factor and one
/// offset for each channel.
/// </summary>
internal sealed class InputConversion
{
    private readonly float[] _factors;
    private readonly float[] _offsets;
    private readonly int _plane;
    private float[] _converted = [];

    private InputConversion(ChannelNormalization from, ChannelNormalization to, int plane)
    {
        _plane = plane;
        _factors = [.. from.Deviation.Zip(to.Deviation, (own, its) => (float)((double)own / its))];
        _offsets =
        [
            .. from
                .Mean.Zip(to.Mean, (own, its) => (double)own - its)
                .Zip(to.Deviation, (difference, deviation) => (float)(difference / deviation)),
        ];
    }

    /// <summary>The conversion between two networks of one shape of images; null where a network names no normalisation, or both the
    /// same.</summary>
    public static InputConversion? Between(Graph from, Graph to)
    {
        if (RunNetwork.Normalization(from) is not { } own || RunNetwork.Normalization(to) is not { } its)
            return null;

        var shape = from.Inputs[0].Shape;
        return own.Mean.SequenceEqual(its.Mean) && own.Deviation.SequenceEqual(its.Deviation)
            ? null
            : new InputConversion(own, its, shape.Height * shape.Width);
    }

    /// <summary>Converts images, [images][channels][height][width].</summary>
    /// <returns>The converted images, until the next call.</returns>
    public ReadOnlySpan<float> Apply(ReadOnlySpan<float> images)
    {
        if (_converted.Length < images.Length)
            _converted = new float[images.Length];

        for (int start = 0, channel = 0; start < images.Length; start += _plane, channel = (channel + 1) % _factors.Length)
        {
            var (factor, offset) = (_factors[channel], _offsets[channel]);
            for (int i = start; i < start + _plane; i++)
                _converted[i] = (images[i] * factor) + offset;
        }

        return _converted.AsSpan(0, images.Length);
    }
}
