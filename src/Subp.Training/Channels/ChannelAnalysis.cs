using Subp.Core.Channels;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Channels;

/// <summary>
/// Finds the channels of a network that can be put in another order, or removed, one by one: of what <see cref="ChannelDependencies"/>
/// knows those groups in which every value has each channel once, or as a run of pixels of a flattened map. What an operator cuts, joins
/// or shuffles is not among them, nor what a shared parameter would give two orders.
/// </summary>
public static class ChannelAnalysis
{
    /// <summary>The classes whose channels are free, in graph order.</summary>
    public static IReadOnlyList<ChannelClass> Find(Graph graph)
    {
        var uses = graph.Nodes.SelectMany(node => node.Operator.Parameters.Select(use => use.Name)).ToArray();
        var shared = uses.GroupBy(name => name, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. ChannelDependencies
                .Find(graph)
                .Where(group => group.FrozenBecause is null && IsOneToOne(graph, group))
                .Select(group => Class(graph, group))
                .Where(channels => channels.Producers.Any() && !channels.Carriers.Any(carrier => shared.Contains(carrier.Parameter))),
        ];
    }

    // Unit u is channel u of every value; of a flattened map, which has no parameters of its own, the channels from u times their number
    // on. The channel groups of a convolution look the same, and are something else.
    private static bool IsOneToOne(Graph graph, ChannelGroup group)
    {
        foreach (string value in group.Values)
        {
            int channels = graph.ShapeOf(value).Channels;
            int repeat = channels / group.Units.Count;
            if (channels % group.Units.Count != 0 || (repeat > 1 && graph.FindNode(value)?.Operator.Parameters.Count > 0))
                return false;
            for (int unit = 0; unit < group.Units.Count; unit++)
            {
                var own = group.Units[unit].Where(member => member.Value == value).Select(member => member.Channel);
                if (!own.SequenceEqual(Enumerable.Range(unit * repeat, repeat)))
                    return false;
            }
        }

        return true;
    }

    private static ChannelClass Class(Graph graph, ChannelGroup group)
    {
        var carriers = new List<ChannelCarrier>();
        var values = group.Values.ToDictionary(
            value => value,
            value => graph.ShapeOf(value).Channels / group.Units.Count,
            StringComparer.Ordinal
        );
        foreach (var node in graph.Nodes)
        {
            bool isDepthwise = node.Operator is Conv2d { Groups: > 1 };
            foreach (var use in node.Operator.Parameters)
            {
                bool isWeight = node.Operator is Conv2d or Linear && use.Role == "weight" && !isDepthwise;
                if (isWeight && values.TryGetValue(node.Inputs[0], out int repeat))
                    carriers.Add(new ChannelCarrier(use.Name, 1, repeat, CarrierRole.Reader));
                if (values.ContainsKey(node.Name))
                    carriers.Add(new ChannelCarrier(use.Name, 0, 1, isWeight ? CarrierRole.Filter : CarrierRole.Companion));
            }
        }

        return new ChannelClass(group.Units.Count, carriers, values);
    }
}
