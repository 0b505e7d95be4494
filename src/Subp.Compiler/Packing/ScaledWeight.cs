using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>Weights times factors, of few bits where they were of few bits.</summary>
internal static class ScaledWeight
{
    /// <summary>The products, rounded once to single precision.</summary>
    /// <param name="parameter">The declaration.</param>
    /// <param name="weight">The values, [output, ...].</param>
    /// <param name="factor">The factor of a position; of weights of few bits one for each output channel.</param>
    public static float[] Of(Parameter parameter, WeightTensor weight, Func<int, double> factor)
    {
        var (values, scaled) = (weight.Values, new float[weight.Values.Length]);
        var channels = weight.Shape[0];
        var perChannel = values.Length / channels;
        var grid = GridValues.Find(parameter, weight);
        for (var channel = 0; channel < channels; channel++)
        {
            var first = channel * perChannel;
            var step = (float)((grid?.Scales![channel] ?? 0) * factor(first));
            for (var index = first; index < first + perChannel; index++)
            {
                // A scale below the normal numbers would lose digits of every value. A zero has no sign, whatever the sign of the scale:
                // only such a zero is the product of an integer and a scale above zero.
                if (grid is not null && float.IsNormal(step))
                    scaled[index] = grid.Integers[index] == 0 ? 0 : grid.Integers[index] * step;
                else if (grid is null || factor(index) != 0)
                    scaled[index] = (float)(values[index] * factor(index));
            }
        }

        return scaled;
    }
}
