using Subp.Core.Graphs;

namespace Subp.Core.Channels;

/// <summary>Numbers every channel of every value of a network, and joins those that can only go together (union-find).</summary>
internal sealed class ChannelIndex
{
    private readonly Dictionary<string, int> _first = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _count = new(StringComparer.Ordinal);
    private readonly List<int> _parent = [];

    public ChannelIndex(Graph graph)
    {
        foreach (var input in graph.Inputs)
            Declare(input.Name, input.Shape);
        foreach (var node in graph.Nodes)
            Declare(node.Name, node.Shape);
    }

    /// <summary>The number of channels of a value.</summary>
    public int Channels(string value) => _count[value];

    /// <summary>The class that a channel belongs to, as the number of one of its members.</summary>
    public int Class(string value, int channel) => Root(_first[value] + channel);

    /// <summary>Joins a channel of one value with a channel of another.</summary>
    public void Join(string value, int channel, string other, int otherChannel)
    {
        int left = Class(value, channel),
            right = Class(other, otherChannel);
        // The smaller number stays, so that classes have one order whatever joined them.
        _parent[Math.Max(left, right)] = Math.Min(left, right);
    }

    /// <summary>Joins all channels of two values, each with its own.</summary>
    public void Join(string value, string other)
    {
        for (var channel = 0; channel < Channels(value); channel++)
            Join(value, channel, other, channel);
    }

    private void Declare(string value, TensorShape shape)
    {
        _first[value] = _parent.Count;
        _count[value] = shape.Rank < 2 ? 0 : shape.Channels;
        for (var channel = 0; channel < _count[value]; channel++)
            _parent.Add(_parent.Count);
    }

    private int Root(int member)
    {
        while (_parent[member] != member)
            member = _parent[member] = _parent[_parent[member]];
        return member;
    }
}
