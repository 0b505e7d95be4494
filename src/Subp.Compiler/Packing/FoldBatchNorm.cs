using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compiler.Packing;

/// <summary>
/// Folds a batch normalisation into the convolution or linear layer before it: with m = scale / sqrt(variance + epsilon), the weights of
/// output channel o become w * m[o] and the bias becomes (b - mean) * m + shift. A pruned block stays zero. Computed in double. Of a weight
/// of few bits the scales are multiplied instead, so that it stays one: each value is its integer times the new scale, rounded once.
/// </summary>
public sealed class FoldBatchNorm : PackingPass
{
    /// <inheritdoc/>
    public override string Name => "fold-batch-norm";

    /// <inheritdoc/>
    public override Model Run(Model model)
    {
        var graph = model.Graph;
        var parameters = new List<Parameter>(graph.Parameters);
        var weights = new WeightSet();
        foreach (var name in model.Weights.Names)
            weights[name] = model.Weights[name];
        var nodes = new List<GraphNode>();
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        string Current(string value) => renamed.GetValueOrDefault(value, value);

        foreach (var original in graph.Nodes)
        {
            var node = original with { Inputs = [.. original.Inputs.Select(Current)] };
            if (node.Operator is BatchNorm normalization && Host(graph, nodes, original, node.Inputs[0]) is { } hostIndex)
            {
                var host = nodes[hostIndex];
                var name = graph.IsOutput(node.Name) ? node.Name : host.Name;
                nodes[hostIndex] = host with { Name = name, Operator = Fold(host, normalization, parameters, weights) };
                renamed[node.Name] = name;
            }
            else
            {
                nodes.Add(node);
            }
        }

        if (renamed.Count == 0)
            return model;
        // Parameters that nothing reads any more (the folded statistics) leave the network.
        var used = nodes.SelectMany(node => node.Operator.Parameters).Select(use => use.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new WeightSet();
        foreach (var parameter in parameters.Where(parameter => used.Contains(parameter.Name)))
            kept[parameter.Name] = weights[parameter.Name];
        return new Model(
            graph.With(
                parameters: [.. parameters.Where(parameter => used.Contains(parameter.Name))],
                nodes: nodes,
                outputs: [.. graph.Outputs.Select(Current)]
            ),
            kept
        );
    }

    /// <summary>
    /// The position of the layer that can take the normalisation: it alone reads the layer, whose weights nothing else shares.
    /// </summary>
    /// <param name="graph">The network before the pass.</param>
    /// <param name="nodes">The rewritten nodes so far.</param>
    /// <param name="normalization">The normalisation as it is in the network.</param>
    /// <param name="host">What its input is called by now: another normalisation may have been folded into the same layer.</param>
    private static int? Host(Graph graph, List<GraphNode> nodes, GraphNode normalization, string host)
    {
        var input = normalization.Inputs[0];
        if (graph.IsOutput(input) || graph.ConsumersOf(input).Count != 1)
            return null;
        var index = nodes.FindIndex(node => node.Name == host);
        if (index < 0)
            return null;
        var layer = nodes[index];
        var plain = layer.Operator switch
        {
            Conv2d convolution => convolution.Activation == Activation.None && layer.Inputs.Count == 1,
            // Features of a value of more dimensions are its last axis, not the channels that a normalisation scales.
            Linear linear => linear.Activation == Activation.None && layer.Shape.IsVector,
            _ => false,
        };
        var shared = layer.Operator.Parameters.Any(use =>
            graph.Nodes.Count(node => node.Operator.Parameters.Any(other => other.Name == use.Name)) > 1
        );
        return plain && !shared ? index : null;
    }

    private static Operator Fold(GraphNode host, BatchNorm normalization, List<Parameter> parameters, WeightSet weights)
    {
        var weightName = host.Operator.Parameters[0].Name;
        var biasName = host.Operator.Parameters.Count > 1 ? host.Operator.Parameters[1].Name : null;
        var weight = weights[weightName];
        var channels = weight.Shape[0];
        var scale = weights[normalization.Scale].Values;
        var shift = weights[normalization.Shift].Values;
        var mean = weights[normalization.Mean].Values;
        var variance = weights[normalization.Variance].Values;
        var bias = biasName is null ? new float[channels] : weights[biasName].Values;

        var foldedWeight = new float[weight.Values.Length];
        var foldedBias = new float[channels];
        var perChannel = weight.Values.Length / channels;
        var grid = GridValues.Find(new Parameter(weightName, weight.Shape), weight);
        for (var channel = 0; channel < channels; channel++)
        {
            var multiplier = scale[channel] / Math.Sqrt((double)variance[channel] + normalization.Epsilon);
            var row = foldedWeight.AsSpan(channel * perChannel, perChannel);
            var step = (float)((grid?.Scales![channel] ?? 0) * multiplier);
            // A scale below the normal numbers would lose digits of every value, and one of zero leaves zeros.
            if (float.IsNormal(step))
                Multiply(grid!.Integers.AsSpan(channel * perChannel, perChannel), step, row);
            else if (grid is null || multiplier != 0)
                Multiply(weight.Values.AsSpan(channel * perChannel, perChannel), multiplier, row);
            foldedBias[channel] = (float)(((bias[channel] - (double)mean[channel]) * multiplier) + shift[channel]);
        }

        weights[weightName] = new WeightTensor(weight.Shape, foldedWeight);
        if (biasName is null)
        {
            biasName = UniqueBias(host.Name, parameters);
            parameters.Insert(
                parameters.FindIndex(parameter => parameter.Name == weightName) + 1,
                new Parameter(biasName, new TensorShape(channels))
            );
        }

        weights[biasName] = new WeightTensor(new TensorShape(channels), foldedBias);
        return host.Operator switch
        {
            Conv2d convolution => convolution with { Bias = biasName, Activation = normalization.Activation },
            Linear linear => linear with { Bias = biasName, Activation = normalization.Activation },
            _ => throw new InvalidOperationException("Only a convolution or a linear layer hosts a batch normalisation."),
        };
    }

    private static void Multiply(ReadOnlySpan<float> weights, double multiplier, Span<float> folded)
    {
        for (var index = 0; index < folded.Length; index++)
            folded[index] = (float)(weights[index] * multiplier);
    }

    // A zero without a sign, whatever the sign of the scale: only such a zero is the product of an integer and a scale above zero.
    private static void Multiply(ReadOnlySpan<sbyte> integers, float scale, Span<float> folded)
    {
        for (var index = 0; index < folded.Length; index++)
            folded[index] = integers[index] == 0 ? 0 : integers[index] * scale;
    }

    private static string UniqueBias(string node, List<Parameter> parameters)
    {
        var name = $"{node}.bias";
        while (parameters.Any(parameter => parameter.Name == name))
            name += "_";
        return name;
    }
}
