using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Testing;

/// <summary>Networks whose convolutions and linear layers have weights of few bits.</summary>
public static class FewBitWeights
{
    /// <summary>The network with its weights rounded: floats to steps of one size in every filter, bytes to small integers.</summary>
    /// <param name="model">The network.</param>
    /// <param name="bits">2 to 8; the largest weight of each filter is the largest integer that they hold.</param>
    public static Model Of(Model model, int bits)
    {
        var largest = (1 << (bits - 1)) - 1;
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = model.Weights[name];
        foreach (var layer in model.Graph.Nodes.Where(node => node.Operator is Conv2d or Linear))
        {
            foreach (var use in layer.Operator.Parameters)
            {
                if (use.Role == "weight")
                    weights[use.Name] = Round(model.Weights[use.Name], largest);
                // Smaller bytes stand for the same numbers.
                else if (use.Role == "weight_scale")
                    weights[use.Name] = new WeightTensor(
                        model.Weights[use.Name].Shape,
                        Array.ConvertAll(model.Weights[use.Name].Values, scale => scale * 127 / largest)
                    );
            }
        }

        return model with
        {
            Weights = weights,
        };
    }

    private static WeightTensor Round(WeightTensor weight, int largest)
    {
        if (weight.Element == ElementType.Int8)
            return WeightTensor.FromSignedBytes(
                weight.Shape,
                Array.ConvertAll(weight.SignedBytes, value => (sbyte)Math.Round(value * largest / 127.0))
            );
        float[] values = [.. weight.Values];
        var length = values.Length / weight.Shape[0];
        for (var start = 0; start < values.Length; start += length)
        {
            var row = values.AsSpan(start, length);
            float reach = 0;
            foreach (var value in row)
                reach = Math.Max(reach, Math.Abs(value));
            var scale = reach > 0 ? reach / largest : 1;
            foreach (ref var value in row)
                value = (int)Math.Round(value / scale) * scale;
        }

        return new WeightTensor(weight.Shape, values);
    }
}
