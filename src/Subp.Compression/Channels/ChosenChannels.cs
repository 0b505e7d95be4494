using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Channels;

/// <summary>The channels of a network that go.</summary>
/// <param name="Groups">What becomes of every group of channels.</param>
/// <param name="Readers">The layers that read whole channels, by name; their state may have followed the choice.</param>
/// <param name="Units">The channels that go, those of a unit together.</param>
internal sealed record ChosenChannels(
    IReadOnlyList<ChannelGroupOutcome> Groups,
    IReadOnlyDictionary<string, ChannelReader> Readers,
    IReadOnlyList<IReadOnlyList<(string Value, int Channel)>> Units
)
{
    /// <summary>The input channels of a layer that go, ascending.</summary>
    public int[] RemovedFrom(ChannelReader reader) => [.. Units.SelectMany(reader.ChannelsOf).Distinct().Order()];

    /// <summary>The layers that lose input channels and cannot make up for them, since their weights serve others too.</summary>
    public IEnumerable<string> OtherReaders(Graph graph)
    {
        var smaller = Units.SelectMany(unit => unit).Select(member => member.Value).ToHashSet(StringComparer.Ordinal);
        return graph
            .Nodes.Where(node => node.Operator is Conv2d { Groups: 1 } or Linear)
            .Where(node => smaller.Contains(node.Inputs[0]) && !Readers.ContainsKey(node.Name))
            .Select(node => node.Name);
    }
}
