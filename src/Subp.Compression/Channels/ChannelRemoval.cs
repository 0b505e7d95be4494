using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>Takes channels out of a network: rows and columns of weights, and what operators say about channels.</summary>
internal sealed class ChannelRemoval
{
    private readonly Model _model;
    private readonly Dictionary<string, HashSet<int>> _removed;

    private ChannelRemoval(Model model, Dictionary<string, HashSet<int>> removed) => (_model, _removed) = (model, removed);

    /// <summary>The network without some units of its groups.</summary>
    /// <param name="model">The network; it is not changed.</param>
    /// <param name="units">What goes, as <see cref="ChannelDependencies"/> found it.</param>
    public static Model Remove(Model model, IEnumerable<IReadOnlyList<(string Value, int Channel)>> units)
    {
        var removed = new Dictionary<string, HashSet<int>>(StringComparer.Ordinal);
        foreach (var (value, channel) in units.SelectMany(unit => unit))
        {
            if (!removed.TryGetValue(value, out var channels))
                removed[value] = channels = [];
            channels.Add(channel);
        }

        return new ChannelRemoval(model, removed).Build();
    }

    private Model Build()
    {
        var graph = _model.Graph;
        var weights = new WeightSet();
        foreach (var name in _model.Weights.Names)
            weights[name] = _model.Weights[name];
        foreach (var node in graph.Nodes)
        {
            foreach (var use in node.Operator.Parameters)
                weights[use.Name] = Cut(node, use);
        }

        var builder = new GraphBuilder(graph.Name) { Metadata = graph.Metadata };
        foreach (var input in graph.Inputs)
            builder.Input(input.Name, input.Shape);
        foreach (var parameter in graph.Parameters)
            builder.Parameter(parameter.Name, weights[parameter.Name].Shape, parameter.Pattern);
        foreach (var node in graph.Nodes)
            builder.Node(node.Name, Adapted(node), [.. node.Inputs], node.Layout);
        foreach (var output in graph.Outputs)
            builder.Output(output);
        return _model with { Graph = builder.Build(), Weights = weights };
    }

    // From the original each time, so that a parameter which two nodes read is cut once.
    private WeightTensor Cut(GraphNode node, ParameterUse use)
    {
        var tensor = _model.Weights[use.Name];
        var rows = Kept(node.Name, tensor.Shape[0]);
        var hasColumns = use.Role == "weight" && node.Operator is not Conv2d { Groups: > 1 };
        int[] columns =
            tensor.Shape.Rank < 2 ? [0]
            : hasColumns ? Kept(node.Inputs[0], tensor.Shape[1])
            : [.. Enumerable.Range(0, tensor.Shape[1])];
        if (rows.Length == tensor.Shape[0] && (tensor.Shape.Rank < 2 || columns.Length == tensor.Shape[1]))
            return tensor;
        int[] dimensions = [.. tensor.Shape.Dimensions];
        dimensions[0] = rows.Length;
        if (dimensions.Length > 1)
            dimensions[1] = columns.Length;
        var shape = new TensorShape(dimensions);
        var wide = tensor.Shape.Rank < 2 ? 1 : tensor.Shape[1];
        var size = tensor.Shape.ElementCount / (tensor.Shape[0] * wide);
        var values = new float[shape.ElementCount];
        var target = 0;
        foreach (var row in rows)
        {
            foreach (var column in columns)
            {
                tensor.Values.AsSpan(((row * wide) + column) * size, size).CopyTo(values.AsSpan(target));
                target += size;
            }
        }

        return new WeightTensor(shape, values);
    }

    private Operator Adapted(GraphNode node)
    {
        var input = node.Inputs.Count > 0 ? node.Inputs[0] : "";
        switch (node.Operator)
        {
            case Conv2d { Groups: > 1 } convolution:
                var before = _model.Graph.ShapeOf(input).Channels;
                return convolution with { Groups = Kept(input, before).Length / (before / convolution.Groups) };
            case Slice { Axis: 1 } slice:
                var kept = Kept(input, _model.Graph.ShapeOf(input).Channels);
                var begin = kept.Count(channel => channel < slice.Begin);
                return kept.Length == _model.Graph.ShapeOf(input).Channels
                    ? slice
                    : slice with
                    {
                        Begin = begin,
                        End = begin + kept.Count(channel => channel >= slice.Begin && channel < slice.End),
                    };
            default:
                return node.Operator;
        }
    }

    private int[] Kept(string value, int channels) =>
        _removed.TryGetValue(value, out var gone)
            ? [.. Enumerable.Range(0, channels).Where(channel => !gone.Contains(channel))]
            : [.. Enumerable.Range(0, channels)];
}
