using Subp.Core.Operators;

namespace Subp.Core.Graphs;

/// <summary>A layer with weights that computes on bytes.</summary>
/// <param name="Node">The name of its node.</param>
/// <param name="Weight">The parameter with its signed bytes.</param>
/// <param name="WeightScale">The parameter with their scales, one for each output channel.</param>
/// <param name="Bias">The parameter with its 32-bit integers, or null.</param>
/// <param name="Input">What the bytes of its input stand for.</param>
/// <param name="Result">What the bytes stand for that its sums become, before a residual is added where they are rounded first, or null
/// where it returns floats.</param>
public sealed record QuantizedLayer(string Node, string Weight, string WeightScale, string? Bias, Quantization Input, Quantization? Result)
{
    /// <summary>What a sum of an output channel is multiplied with.</summary>
    public float Multiplier(float weightScale) =>
        Result is null ? IntegerLayer.SumScale(Input.Scale, weightScale) : IntegerLayer.Multiplier(Input.Scale, weightScale, Result.Scale);

    /// <summary>The layers of a graph that compute on bytes, in order.</summary>
    public static IEnumerable<QuantizedLayer> All(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            var (weight, scale, bias) = node.Operator switch
            {
                Conv2d convolution => (convolution.Weight, convolution.WeightScale, convolution.Bias),
                Linear linear => (linear.Weight, linear.WeightScale, linear.Bias),
                _ => ("", null, null),
            };
            if (scale is null)
                continue;
            var result = (node.Operator as Conv2d)?.RoundedFirst ?? node.Type.Quantization;
            yield return new(node.Name, weight, scale, bias, graph.TypeOf(node.Inputs[0]).Quantization!, result);
        }
    }
}
