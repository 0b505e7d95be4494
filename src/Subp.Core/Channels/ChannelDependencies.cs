using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Channels;

/// <summary>
/// Finds which channels of which values can only be removed together, and which cannot be removed at all and why. What is not known to
/// allow it is frozen: a wrong answer would be worse than a larger network.
/// </summary>
public sealed class ChannelDependencies
{
    private readonly Graph _graph;
    private readonly ChannelIndex _index;
    private readonly Dictionary<int, string> _frozen = [];
    private readonly List<(string Value, string Reason)> _freezes = [];

    private ChannelDependencies(Graph graph)
    {
        _graph = graph;
        _index = new ChannelIndex(graph);
    }

    /// <summary>The groups of a network, those of the first values first.</summary>
    public static IReadOnlyList<ChannelGroup> Find(Graph graph)
    {
        var dependencies = new ChannelDependencies(graph);
        foreach (var input in graph.Inputs)
            dependencies.Freeze(input.Name, "it is an input of the network");
        foreach (var output in graph.Outputs)
            dependencies.Freeze(output, "it is an output of the network");
        foreach (var node in graph.Nodes)
            dependencies.Visit(node);
        dependencies.JoinSharedParameters();
        foreach (var (value, reason) in dependencies._freezes)
        {
            for (var channel = 0; channel < dependencies._index.Channels(value); channel++)
                dependencies._frozen.TryAdd(dependencies._index.Class(value, channel), reason);
        }

        return dependencies.Groups();
    }

    private void Visit(GraphNode node)
    {
        switch (node.Operator)
        {
            case Conv2d convolution:
                Visit(node, convolution);
                break;
            case Linear linear:
                if (!_graph.ShapeOf(node.Inputs[0]).IsVector)
                    FreezeAround(node, "it is read by a linear layer over another dimension than channels");
                else if (_graph.Parameter(linear.Weight).Pattern is not null)
                    FreezeAround(node, $"'{node.Name}' has block-sparse weights; channels go first, blocks after them");
                break;
            case Activate or BatchNorm or Pool2d or GlobalAveragePool or ChangeLayout when IsPlain(node):
                _index.Join(node.Name, node.Inputs[0]);
                break;
            // The rim of a removed channel would still reach those who read it.
            case Pad { Value: 0 } when IsPlain(node) && node.Shape.IsImage:
                _index.Join(node.Name, node.Inputs[0]);
                break;
            // Statistics of every channel by itself.
            case Normalize normalize when IsPlain(node) && IsPerChannel(node, normalize):
                _index.Join(node.Name, node.Inputs[0]);
                break;
            case Reshape when KeepsChannels(node):
                _index.Join(node.Name, node.Inputs[0]);
                break;
            case Add or Binary or Where when AllHaveShape(node):
            case Mul when AllHaveShape(node) || IsGate(node):
                foreach (var input in node.Inputs)
                    _index.Join(node.Name, input);
                break;
            case Concat when JoinsChannels(node):
                var offset = 0;
                foreach (var input in node.Inputs)
                {
                    for (var channel = 0; channel < _index.Channels(input); channel++)
                        _index.Join(node.Name, offset + channel, input, channel);
                    offset += _index.Channels(input);
                }

                break;
            // Of a slice with gaps nothing may go: what is left would have gaps of other sizes.
            case Slice { Axis: 1, Step: 1 } slice:
                for (var channel = 0; channel < node.Shape.Channels; channel++)
                    _index.Join(node.Name, channel, node.Inputs[0], slice.Begin + channel);
                break;
            case Slice { Axis: > 1 } when IsPlain(node):
                _index.Join(node.Name, node.Inputs[0]);
                break;
            case ChannelShuffle shuffle:
                Visit(node, shuffle);
                break;
            case Flatten when _graph.ShapeOf(node.Inputs[0]).Rank >= 2:
                var pixels = node.Shape.Channels / _index.Channels(node.Inputs[0]);
                for (var feature = 0; feature < node.Shape.Channels; feature++)
                    _index.Join(node.Name, feature, node.Inputs[0], feature / pixels);
                break;
            default:
                FreezeAround(node, $"'{node.Operator.Mnemonic}' of '{node.Name}' does not say which of its channels are which");
                break;
        }
    }

    private void Visit(GraphNode node, Conv2d convolution)
    {
        if (_graph.Parameter(convolution.Weight).Pattern is not null)
            FreezeAround(node, $"'{node.Name}' has block-sparse weights; channels go first, blocks after them");
        if (node.Inputs.Count > 1)
            _index.Join(node.Name, node.Inputs[1]);
        if (convolution.Groups == 1)
            return;
        // Whole channel groups go, with their inputs and outputs; of a depthwise convolution these are single channels.
        var input = node.Inputs[0];
        int inputs = _index.Channels(input) / convolution.Groups,
            outputs = node.Shape.Channels / convolution.Groups;
        for (var group = 0; group < convolution.Groups; group++)
        {
            for (var channel = 1; channel < inputs; channel++)
                _index.Join(input, group * inputs, input, (group * inputs) + channel);
            for (var channel = 0; channel < outputs; channel++)
                _index.Join(input, group * inputs, node.Name, (group * outputs) + channel);
        }
    }

    // The same place of every group goes, so that the groups stay equal and the order of what is left is that of the same shuffle.
    private void Visit(GraphNode node, ChannelShuffle shuffle)
    {
        var input = node.Inputs[0];
        var size = node.Shape.Channels / shuffle.Groups;
        for (var group = 0; group < shuffle.Groups; group++)
        {
            for (var place = 0; place < size; place++)
            {
                _index.Join(input, place, input, (group * size) + place);
                _index.Join(node.Name, (place * shuffle.Groups) + group, input, (group * size) + place);
            }
        }
    }

    // Whoever reads the same parameter keeps the same rows and columns of it.
    private void JoinSharedParameters()
    {
        var users = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        foreach (var node in _graph.Nodes)
        {
            foreach (var use in node.Operator.Parameters)
            {
                if (!users.TryAdd(use.Name, node))
                {
                    var first = users[use.Name];
                    if (_index.Channels(first.Name) == _index.Channels(node.Name))
                        _index.Join(node.Name, first.Name);
                    else
                        FreezeAround(node, $"'{node.Name}' shares '{use.Name}' with '{first.Name}', which has another shape");
                    if (use.Role == "weight" && _index.Channels(first.Inputs[0]) == _index.Channels(node.Inputs[0]))
                        _index.Join(node.Inputs[0], first.Inputs[0]);
                }
            }
        }
    }

    private List<ChannelGroup> Groups()
    {
        var members = new Dictionary<int, List<(string Value, int Channel)>>();
        foreach (var value in _graph.Inputs.Select(input => input.Name).Concat(_graph.Nodes.Select(node => node.Name)))
        {
            for (var channel = 0; channel < _index.Channels(value); channel++)
            {
                var root = _index.Class(value, channel);
                if (!members.TryGetValue(root, out var list))
                    members[root] = list = [];
                list.Add((value, channel));
            }
        }

        // Classes that go through the same values are one group: any of them may go in place of any other.
        return
        [
            .. members
                .OrderBy(pair => pair.Key)
                .GroupBy(pair =>
                    (
                        _frozen.GetValueOrDefault(pair.Key, ""),
                        string.Join('\n', pair.Value.GroupBy(member => member.Value).Select(group => $"{group.Key} {group.Count()}"))
                    )
                )
                .Select(group => new ChannelGroup(
                    [.. group.Select(pair => (IReadOnlyList<(string, int)>)pair.Value)],
                    group.Key.Item1.Length == 0 ? null : group.Key.Item1
                )),
        ];
    }

    private bool IsPlain(GraphNode node) => _index.Channels(node.Inputs[0]) == _index.Channels(node.Name) && node.Shape.Rank is 2 or 4;

    private bool AllHaveShape(GraphNode node) =>
        node.Shape.Rank is 2 or 4 && node.Inputs.All(input => _graph.ShapeOf(input).Equals(node.Shape));

    private bool IsPerChannel(GraphNode node, Normalize normalize) =>
        normalize.Groups == 1
        && normalize.Axes.All(axis => axis > 1)
        && normalize.Parameters.All(use =>
            _graph.Parameter(use.Name).Shape is var shape && shape.Rank == node.Shape.Rank - 1 && shape[0] == node.Shape.Channels
        );

    // From vectors to images of one pixel and back, for example.
    private bool KeepsChannels(GraphNode node) =>
        _graph.ShapeOf(node.Inputs[0]) is { Rank: 2 or 4 } before
        && node.Shape.Rank is 2 or 4
        && before.Batch == node.Shape.Batch
        && before.Channels == node.Shape.Channels;

    private bool IsGate(GraphNode node) =>
        _graph.ShapeOf(node.Inputs[0]).Equals(node.Shape)
        && _graph.ShapeOf(node.Inputs[1]) is { IsImage: true, Height: 1, Width: 1 } gate
        && gate.Channels == node.Shape.Channels
        && gate.Batch == node.Shape.Batch;

    private bool JoinsChannels(GraphNode node) =>
        node.Shape.Rank is 2 or 4 && node.Inputs.Sum(input => _index.Channels(input)) == node.Shape.Channels;

    private void FreezeAround(GraphNode node, string reason)
    {
        Freeze(node.Name, reason);
        foreach (var input in node.Inputs)
            Freeze(input, reason);
    }

    private void Freeze(string value, string reason) => _freezes.Add((value, reason));
}
