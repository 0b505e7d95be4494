using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Training.Channels;

/// <summary>
/// The filter rearrangement of 1xN (Lin et al., TPAMI 2022): filters in the order of their L1 norm, so that the N filters which share a
/// block are of like importance, and a block is rarely kept for one filter's sake. The parameters that read the channels follow, and the
/// network computes what it did.
/// </summary>
public static class FilterRearrangement
{
    /// <summary>The new order of every class of channels that a layer to be pruned computes.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="pruned">The names of the weights that are to be pruned.</param>
    /// <param name="values">The values of a parameter by its name.</param>
    public static IReadOnlyList<ChannelSelection> Orders(Graph graph, IEnumerable<string> pruned, StoredWeights values)
    {
        var names = pruned.ToHashSet(StringComparer.Ordinal);
        var orders = new List<ChannelSelection>();
        foreach (var channels in ChannelAnalysis.Find(graph))
        {
            var filters = channels.Producers.Where(producer => names.Contains(producer.Parameter)).ToArray();
            if (filters.Length == 0 || channels.Carriers.Any(carrier => graph.Parameter(carrier.Parameter).Pattern is not null))
                continue;

            var norms = FilterNorms.Sum(filters, channels.Channels, values);
            orders.Add(
                new ChannelSelection(
                    channels,
                    [.. Enumerable.Range(0, channels.Channels).OrderByDescending(channel => norms[channel]).ThenBy(channel => channel)]
                )
            );
        }

        return orders;
    }

    /// <summary>A network with its filters rearranged.</summary>
    public static Model Apply(Model model, IEnumerable<string> pruned) =>
        ChannelSelection.Apply(model, Orders(model.Graph, pruned, name => model.Weights[name].Values));
}
