using Subp.Compression.Algebra;
using Subp.Compression.Channels;
using Subp.Compression.Precision;
using Subp.Compression.Restoration;
using Subp.Core.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Compression.Joint;

/// <summary>
/// UDFC with both of its damages at once (Bai et al., ICCV 2023, arXiv 2308.07209): front to back, the channels of a layer that stay are
/// rounded, and the layer behind reads, of these rounded channels, what stands for the removed ones and what the others lost. Then it is
/// rounded itself. Channels that go one after the other with bits, each restored for itself, would be rebuilt from filters that rounding
/// changes afterwards.
/// </summary>
public static class UdfcCompression
{
    /// <summary>Removes channels, rounds what stays, and restores both.</summary>
    /// <param name="model">The network, batch normalisations not folded. It is not changed.</param>
    /// <param name="channels">How many channels go, and which; restored they are by UDFC.</param>
    /// <param name="bits">By the name of a layer: 2 to 16 bits; layers that are not named stay as they are.</param>
    /// <param name="calibration">Inputs to choose channels by, or null. Normalisations are not measured on them: what layers read was made
    /// for those of the network.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0533: no channels can go. SUBP0535: the criterion has nothing to measure.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A layer has fewer than 2 bits or more than 16.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ChannelOutcome Compress(
        Model model,
        ChannelOptions channels,
        IReadOnlyDictionary<string, int> bits,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        RoundedWeight.Require(bits);
        bits = LayerBits.OfWeights(model.Graph, bits);
        var chosen = ChannelCompression.Choose(model, channels, calibration, cancellation);
        var soleReaders = SoleReaders.Find(model.Graph).Values.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var draft = new ModelDraft(model);
        var notRestored = new List<string>();
        // The weights by now, but for the rounding of those that had theirs.
        var exact = new WeightSet();
        foreach (var name in model.Weights.Names)
            exact[name] = model.Weights[name];
        foreach (var node in model.Graph.Nodes)
        {
            cancellation.ThrowIfCancellationRequested();
            bool[]? isGone = null;
            if (chosen.Readers.TryGetValue(node.Name, out var reader))
            {
                isGone = new bool[reader.Inputs];
                foreach (var channel in chosen.RemovedFrom(reader))
                    isGone[channel] = true;
                if (!Restore(model, draft, exact, reader, isGone, soleReaders.Contains(node.Name)))
                    notRestored.Add(node.Name);
                var read = node.Operator.Parameters[0].Name;
                exact[read] = draft.Weights[read];
            }

            if (!bits.TryGetValue(node.Name, out var own))
                continue;
            var weight = node.Operator.Parameters[0].Name;
            draft.Set(weight, RoundedWeight.Of(draft.Weights[weight], model.Graph.Parameter(weight).Pattern, own, isGone));
        }

        notRestored.AddRange(chosen.OtherReaders(model.Graph));
        return new ChannelOutcome(ChannelRewriter.Remove(draft.ToModel(), chosen.Units), chosen.Groups) { NotRestored = notRestored };
    }

    // False where channels that go are only left out.
    private static bool Restore(Model model, ModelDraft draft, WeightSet exact, ChannelReader reader, bool[] isGone, bool readsAlone)
    {
        var node = reader.Node;
        int[] removed = [.. Enumerable.Range(0, reader.Inputs).Where(channel => isGone[channel])],
            kept = [.. Enumerable.Range(0, reader.Inputs).Where(channel => !isGone[channel])];
        if (
            (removed.Length > 0 || readsAlone)
            // A map would fill the blocks that a pattern has pruned.
            && model.Graph.Parameter(node.Operator.Parameters[0].Name).Pattern is null
            && ProducerFilters.Find(model, exact, node.Inputs[0]) is { } filters
            && filters.Channels == reader.Inputs
        )
        {
            var rounded = ProducerFilters.Find(model, draft.Weights, node.Inputs[0])!;
            ChannelMap.Apply(draft, node, Udfc.Map(filters, rounded, kept, removed));
            return true;
        }

        if (removed.Length > 0)
            draft.Set(node.Operator.Parameters[0].Name, reader.Combined(kept, removed, new Matrix(kept.Length, removed.Length)));
        return removed.Length == 0;
    }
}
