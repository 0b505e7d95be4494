using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Restoration;

/// <summary>The one layer that makes a value, for the published methods that look at its filters.</summary>
internal static class ProducerFilters
{
    /// <summary>
    /// The filters and biases of the convolution or linear layer behind which a value stands, with at most a normalisation, an
    /// activation and pooling between, the normalisation first; null where the way is another one.
    /// </summary>
    public static FoldedFilters? Find(Model model, WeightSet weights, string value)
    {
        var node = model.Graph.FindNode(value);
        BatchNorm? norm = null;
        while (node is { Operator: Activate or Pool2d or GlobalAveragePool or Flatten })
            node = model.Graph.FindNode(node.Inputs[0]);
        if (node is { Operator: BatchNorm found })
        {
            norm = found;
            node = model.Graph.FindNode(node.Inputs[0]);
        }

        if (node is null || node.Inputs.Count > 1 || node.Operator is not (Conv2d { Groups: 1 } or Linear))
            return null;
        var uses = node.Operator.Parameters;
        var weight = weights[uses[0].Name];
        double[] bias = uses.Count > 1 ? [.. weights[uses[1].Name].Values.Select(b => (double)b)] : new double[weight.Shape[0]];
        double[] Numbers(string name) => [.. weights[name].Values.Select(number => (double)number)];
        if (norm is null)
            return FoldedFilters.Fold(weight.Values, [.. bias.Select(_ => 1.0)], bias, new double[bias.Length]);
        double[] scale =
        [
            .. Numbers(norm.Scale).Zip(Numbers(norm.Variance), (gamma, variance) => gamma / Math.Sqrt(variance + norm.Epsilon)),
        ];
        return FoldedFilters.Fold(weight.Values, scale, Numbers(norm.Shift), [.. Numbers(norm.Mean).Zip(bias, (mean, b) => mean - b)]);
    }
}
