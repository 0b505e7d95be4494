using Subp.Core.Weights;

namespace Subp.Benchmarks.Peers.Integers;

/// <summary>Changes networks of bytes for the comparison.</summary>
internal static class IntegerNetwork
{
    private const double Share = 63 / 127.0;

    /// <summary>
    /// The same network with weights from -63 to 63, so that the sum of two products fits into 16 bits and kernels without VNNI add pairs
    /// before they widen. Steps of weights are about twice as large, and biases count half as many of them.
    /// </summary>
    /// <param name="model">A network of bytes.</param>
    public static Model WithNarrowWeights(Model model)
    {
        var weights = new WeightSet();
        foreach (var parameter in model.Graph.Parameters)
            weights[parameter.Name] = model.Weights[parameter.Name];
        foreach (var node in model.Graph.Nodes)
        {
            var uses = node.Operator.Parameters.ToDictionary(use => use.Role, use => use.Name);
            if (!uses.TryGetValue("weight_scale", out var scale))
                continue;
            var (steps, bytes) = (model.Weights[scale], model.Weights[uses["weight"]]);
            weights[scale] = new WeightTensor(steps.Shape, [.. steps.Values.Select(value => (float)(value / Share))]);
            weights[uses["weight"]] = WeightTensor.FromSignedBytes(
                bytes.Shape,
                [.. bytes.SignedBytes.Select(value => (sbyte)Math.Round(value * Share))]
            );
            if (!uses.TryGetValue("bias", out var bias))
                continue;
            var sums = model.Weights[bias];
            weights[bias] = WeightTensor.FromIntegers(sums.Shape, [.. sums.Integers.Select(value => (int)Math.Round(value * Share))]);
        }

        return model with
        {
            Weights = weights,
        };
    }
}
