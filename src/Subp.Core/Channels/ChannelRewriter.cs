using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Core.Channels;

/// <summary>
/// Takes channels out of a network, or puts them in another order: rows and columns of weights, and what operators say about channels.
/// </summary>
public sealed class ChannelRewriter
{
    private readonly Model _model;
    private readonly IReadOnlyDictionary<string, int[]> _kept;

    private ChannelRewriter(Model model, IReadOnlyDictionary<string, int[]> kept) => (_model, _kept) = (model, kept);

    /// <summary>The network without some units of its groups.</summary>
    /// <param name="model">The network; it is not changed.</param>
    /// <param name="units">What goes, as <see cref="ChannelDependencies"/> found it.</param>
    public static Model Remove(Model model, IEnumerable<IReadOnlyList<(string Value, int Channel)>> units)
    {
        var removed = units.SelectMany(unit => unit).ToLookup(member => member.Value, member => member.Channel, StringComparer.Ordinal);
        return Take(
            model,
            removed.ToDictionary(
                value => value.Key,
                value => Enumerable.Range(0, model.Graph.ShapeOf(value.Key).Channels).Except(value).ToArray(),
                StringComparer.Ordinal
            )
        );
    }

    /// <summary>The network with some channels of some values, in a given order.</summary>
    /// <param name="model">The network; it is not changed.</param>
    /// <param name="kept">By the name of a value, the channels that it has afterwards. Values that go together must agree.</param>
    public static Model Take(Model model, IReadOnlyDictionary<string, int[]> kept) => new ChannelRewriter(model, kept).Build();

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
        var hasColumns = use.Role == "weight" && node.Operator is not Conv2d { Groups: > 1 };
        if (!_kept.ContainsKey(node.Name) && !(hasColumns && _kept.ContainsKey(node.Inputs[0])))
            return tensor;
        var rows = Kept(node.Name, tensor.Shape[0]);
        int[] columns =
            tensor.Shape.Rank < 2 ? [0]
            : hasColumns ? Kept(node.Inputs[0], tensor.Shape[1])
            : [.. Enumerable.Range(0, tensor.Shape[1])];
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
            case Reshape when _kept.TryGetValue(node.Name, out var channels):
                int[] dimensions = [.. node.Shape.Dimensions];
                dimensions[1] = channels.Length;
                return new Reshape(dimensions);
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

    private int[] Kept(string value, int channels) => _kept.TryGetValue(value, out var kept) ? kept : [.. Enumerable.Range(0, channels)];
}
