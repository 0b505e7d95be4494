using Subp.Compression.Algebra;
using Subp.Core.Graphs;

namespace Subp.Compression.Restoration;

/// <summary>Lets a layer read other combinations of its input channels than it did.</summary>
internal static class ChannelMap
{
    /// <summary>Changes the weight of a layer.</summary>
    /// <param name="draft">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="map">[read, was]: V'[i] is the sum over j of map[i, j] V[j].</param>
    public static void Apply(ModelDraft draft, GraphNode layer, Matrix map)
    {
        var name = layer.Operator.Parameters[0].Name;
        var weight = draft.Weights[name];
        // The columns of a linear layer over a flattened image are channels of as many taps as the image has pixels.
        int inputs = map.Rows,
            taps = weight.Shape.ElementCount / (weight.Shape[0] * inputs);
        var values = new float[weight.Values.Length];
        for (var output = 0; output < weight.Shape[0]; output++)
        {
            for (var tap = 0; tap < taps; tap++)
            {
                double[] column =
                [
                    .. Enumerable.Range(0, inputs).Select(j => (double)weight.Values[(((output * inputs) + j) * taps) + tap]),
                ];
                for (var input = 0; input < inputs; input++)
                    values[(((output * inputs) + input) * taps) + tap] = (float)Matrix.Dot(map.Row(input), column);
            }
        }

        draft.Set(name, values);
    }
}
