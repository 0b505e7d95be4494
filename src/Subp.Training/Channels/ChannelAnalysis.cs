using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Channels;

/// <summary>
/// Finds the channels of a network that can be reordered or removed without anyone outside noticing. Those of inputs and outputs cannot,
/// nor those of values that an operator cuts, joins or shuffles.
/// </summary>
public sealed class ChannelAnalysis
{
    private readonly Dictionary<string, (int Class, int Repeat)> _values = new(StringComparer.Ordinal);
    private readonly List<int> _parents = [];
    private readonly List<int> _channels = [];
    private readonly HashSet<int> _fixed = [];
    private readonly List<(int Class, ChannelCarrier Carrier)> _carriers = [];
    private readonly Graph _graph;

    private ChannelAnalysis(Graph graph) => _graph = graph;

    /// <summary>The classes whose channels are free, in graph order.</summary>
    public static IReadOnlyList<ChannelClass> Find(Graph graph)
    {
        var analysis = new ChannelAnalysis(graph);
        foreach (var input in graph.Inputs)
            analysis.Fix(analysis.Define(input.Name, input.Shape.Channels));
        foreach (var node in graph.Nodes)
            analysis.Visit(node);
        foreach (string output in graph.Outputs)
            analysis.Fix(analysis._values[output].Class);
        analysis.FixSharedParameters();
        return analysis.Classes();
    }

    private void Visit(GraphNode node)
    {
        switch (node.Operator)
        {
            case Conv2d { Groups: 1 } conv:
                Carry(Read(node, 0), new ChannelCarrier(conv.Weight, 1, 1, CarrierRole.Reader));
                int product = Define(node.Name, node.Shape.Channels);
                Carry(product, new ChannelCarrier(conv.Weight, 0, 1, CarrierRole.Filter));
                Companion(product, conv.Bias);
                if (node.Inputs.Count == 2)
                    Unite(product, Read(node, 1));
                break;
            case Conv2d conv when conv.Groups == node.Shape.Channels && _graph.ShapeOf(node.Inputs[0]).Channels == conv.Groups:
                Companion(Keep(node), conv.Weight);
                Companion(Keep(node), conv.Bias);
                if (node.Inputs.Count == 2)
                    Unite(Keep(node), Read(node, 1));
                break;
            case Linear linear:
                var (features, repeat) = _values[node.Inputs[0]];
                Carry(features, new ChannelCarrier(linear.Weight, 1, repeat, CarrierRole.Reader));
                int output = Define(node.Name, node.Shape.Channels);
                Carry(output, new ChannelCarrier(linear.Weight, 0, 1, CarrierRole.Filter));
                Companion(output, linear.Bias);
                break;
            case BatchNorm norm when _values[node.Inputs[0]].Repeat == 1:
                foreach (var use in norm.Parameters)
                    Companion(Keep(node), use.Name);
                break;
            case Activate or Pool2d or GlobalAveragePool or Pad:
                Keep(node);
                break;
            case Flatten when _graph.ShapeOf(node.Inputs[0]) is { IsImage: true } image && _values[node.Inputs[0]].Repeat == 1:
                _values[node.Name] = (_values[node.Inputs[0]].Class, image.Height * image.Width);
                break;
            case Add or Mul when node.Inputs.All(input => SameChannels(input, node)):
                foreach (string input in node.Inputs)
                    Unite(_values[node.Inputs[0]].Class, _values[input].Class);
                Keep(node);
                break;
            default:
                // What is not known here may do anything with its channels, those of its inputs included.
                foreach (string input in node.Inputs)
                    Fix(_values[input].Class);
                Fix(Define(node.Name, node.Shape.Channels));
                break;
        }
    }

    private bool SameChannels(string input, GraphNode node) =>
        _graph.ShapeOf(input).Channels == node.Shape.Channels && _values[input].Repeat == _values[node.Inputs[0]].Repeat;

    private int Read(GraphNode node, int index)
    {
        var (found, repeat) = _values[node.Inputs[index]];
        if (repeat != 1)
            Fix(found);

        return found;
    }

    private int Keep(GraphNode node)
    {
        _values[node.Name] = _values[node.Inputs[0]];
        return _values[node.Name].Class;
    }

    private int Define(string value, int channels)
    {
        _parents.Add(_parents.Count);
        _channels.Add(channels);
        _values[value] = (_parents.Count - 1, 1);
        return _parents.Count - 1;
    }

    private void Companion(int channelClass, string? parameter)
    {
        if (parameter is not null)
            Carry(channelClass, new ChannelCarrier(parameter, 0, 1, CarrierRole.Companion));
    }

    private void Carry(int channelClass, ChannelCarrier carrier) => _carriers.Add((channelClass, carrier));

    private void Fix(int channelClass) => _fixed.Add(channelClass);

    private void Unite(int one, int other) => _parents[Root(other)] = Root(one);

    private int Root(int channelClass)
    {
        while (_parents[channelClass] != channelClass)
            channelClass = _parents[channelClass];

        return channelClass;
    }

    // A parameter that two nodes read would have to follow two orders.
    private void FixSharedParameters()
    {
        var shared = _graph
            .Nodes.SelectMany(node => node.Operator.Parameters.Select(use => use.Name))
            .GroupBy(name => name, StringComparer.Ordinal)
            .Where(uses => uses.Count() > 1)
            .Select(uses => uses.Key)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (channelClass, carrier) in _carriers)
        {
            if (shared.Contains(carrier.Parameter))
                Fix(channelClass);
        }
    }

    private IReadOnlyList<ChannelClass> Classes()
    {
        var closed = _fixed.Select(Root).ToHashSet();
        return
        [
            .. _carriers
                .GroupBy(entry => Root(entry.Class))
                .Where(group => !closed.Contains(group.Key))
                .Select(group => new ChannelClass(_channels[group.Key], [.. group.Select(entry => entry.Carrier)])),
        ];
    }
}
