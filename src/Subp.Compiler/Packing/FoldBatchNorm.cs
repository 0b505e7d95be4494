using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Folds a batch normalisation into the convolution, the linear layer or the other normalisation before it: with m = scale / sqrt(variance
/// + epsilon), the weights of output channel o become w * m[o] and the bias becomes (b - mean) * m + shift. A pruned block stays zero.
/// Computed in double. Of a weight of few bits the scales are multiplied instead, so that it stays one: each value is its integer times the
/// new scale, rounded once.
/// </summary>
public sealed class FoldBatchNorm : PackingPass
{
    /// <inheritdoc/>
    public override string Name => "fold-batch-norm";

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var graph = model.Graph;
        var edit = new NetworkEdit(model);
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        string Current(string value) => renamed.GetValueOrDefault(value, value);

        foreach (var original in graph.Nodes)
        {
            var node = original with { Inputs = [.. original.Inputs.Select(Current)] };
            if (node.Operator is BatchNorm normalization && Host(graph, edit, original, node.Inputs[0]) is { } hostIndex)
            {
                var host = edit.Nodes[hostIndex];
                var name = graph.IsOutput(node.Name) ? node.Name : host.Name;
                edit.Nodes[hostIndex] = host with { Name = name, Operator = Fold(host, normalization, edit) };
                renamed[node.Name] = name;
            }
            else
            {
                edit.Nodes.Add(node);
            }
        }

        return renamed.Count == 0 ? model : edit.Finish(graph.Outputs.Select(Current));
    }

    /// <summary>
    /// The position of the layer that can take the normalisation: it alone reads the layer, whose weights nothing else shares.
    /// </summary>
    /// <param name="graph">The network before the pass.</param>
    /// <param name="edit">The rewritten nodes so far.</param>
    /// <param name="normalization">The normalisation as it is in the network.</param>
    /// <param name="host">What its input is called by now: another normalisation may have been folded into the same layer.</param>
    private static int? Host(Graph graph, NetworkEdit edit, GraphNode normalization, string host)
    {
        var input = normalization.Inputs[0];
        if (graph.IsOutput(input) || graph.ConsumersOf(input).Count != 1)
            return null;
        var index = edit.Nodes.FindIndex(node => node.Name == host);
        if (index < 0)
            return null;
        var layer = edit.Nodes[index];
        var plain = layer.Operator switch
        {
            // Weights of bytes are integers and scales, of which products with floats are none.
            Conv2d { WeightScale: null } convolution => convolution.Activation == Activation.None && layer.Inputs.Count == 1,
            // Features of a value of more dimensions are its last axis, not the channels that a normalisation scales.
            Linear { WeightScale: null } linear => linear.Activation == Activation.None && layer.Shape.IsVector,
            BatchNorm other => other.Activation == Activation.None,
            _ => false,
        };
        return plain && !edit.SharesParameters(layer) ? index : null;
    }

    private static Operator Fold(GraphNode host, BatchNorm normalization, NetworkEdit edit) =>
        host.Operator switch
        {
            Conv2d convolution => convolution with
            {
                Bias = Fold(host.Name, convolution.Weight, convolution.Bias, normalization, edit),
                Activation = normalization.Activation,
            },
            Linear linear => linear with
            {
                Bias = Fold(host.Name, linear.Weight, linear.Bias, normalization, edit),
                Activation = normalization.Activation,
            },
            BatchNorm first => Fold(first, normalization, edit),
            _ => throw new InvalidOperationException("Only a layer with weights hosts a batch normalisation."),
        };

    // Two of them are one, with mean 0 and variance 1.
    private static BatchNorm Fold(BatchNorm first, BatchNorm second, NetworkEdit edit)
    {
        var (inner, outer) = (NormalizationFactors.Of(first, name => edit[name]), NormalizationFactors.Of(second, name => edit[name]));
        void Set(string parameter, Func<int, double> value) =>
            edit[parameter] = new WeightTensor(
                edit[parameter].Shape,
                [.. Enumerable.Range(0, inner.Multipliers.Length).Select(channel => (float)value(channel))]
            );
        Set(first.Scale, channel => inner.Multipliers[channel] * outer.Multipliers[channel]);
        Set(first.Shift, channel => (inner.Offsets[channel] * outer.Multipliers[channel]) + outer.Offsets[channel]);
        Set(first.Mean, _ => 0);
        Set(first.Variance, _ => 1);
        return first with { Epsilon = 0, Activation = second.Activation };
    }

    // Returns the name of the bias.
    private static string Fold(string layer, string weightName, string? biasName, BatchNorm normalization, NetworkEdit edit)
    {
        var weight = edit[weightName];
        var channels = weight.Shape[0];
        var (shift, mean) = (edit[normalization.Shift].Values, edit[normalization.Mean].Values);
        var multipliers = NormalizationFactors.Of(normalization, name => edit[name]).Multipliers;
        var bias = biasName is null ? new float[channels] : edit[biasName].Values;
        var foldedBias = new float[channels];
        for (var channel = 0; channel < channels; channel++)
            foldedBias[channel] = (float)(((bias[channel] - (double)mean[channel]) * multipliers[channel]) + shift[channel]);
        var perChannel = weight.Values.Length / channels;
        edit[weightName] = new WeightTensor(
            weight.Shape,
            ScaledWeight.Of(new Parameter(weightName, weight.Shape), weight, index => multipliers[index / perChannel])
        );
        return edit.SetBias(layer, weightName, biasName, foldedBias);
    }
}
