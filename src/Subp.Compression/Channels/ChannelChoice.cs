using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>Chooses which units of a group go.</summary>
internal static class ChannelChoice
{
    /// <summary>The units that go.</summary>
    /// <param name="model">The network.</param>
    /// <param name="group">The group.</param>
    /// <param name="count">How many units go.</param>
    /// <param name="options">By which criterion.</param>
    /// <param name="readers">The layers that read whole channels; their state follows the choice of unexplained variance.</param>
    /// <exception cref="SubpException">SUBP0535: the criterion has nothing to measure in this group.</exception>
    public static IEnumerable<IReadOnlyList<(string Value, int Channel)>> Choose(
        Model model,
        ChannelGroup group,
        int count,
        ChannelOptions options,
        IReadOnlyDictionary<string, ChannelReader> readers
    )
    {
        if (options.Criterion == ChannelCriterion.UnexplainedVariance)
            return LeastMissed(group, count, readers);
        var scores =
            ChannelScores.Of(model, group, options)
            ?? throw new SubpException(
                DiagnosticDescriptors.CriterionNotApplicable,
                $"channels of '{group.Values[0]}'",
                "no batch normalisation",
                "one whose scale the criterion gamma can look at",
                "Choose another --criterion, or leave the layer out with --exclude."
            );
        return Enumerable.Range(0, scores.Length).OrderBy(unit => scores[unit]).Take(count).Order().Select(unit => group.Units[unit]);
    }

    private static List<IReadOnlyList<(string Value, int Channel)>> LeastMissed(
        ChannelGroup group,
        int count,
        IReadOnlyDictionary<string, ChannelReader> readers
    )
    {
        var reading = readers
            .Values.Where(reader => group.Values.Contains(reader.Node.Inputs[0]))
            .Select(reader => (Reader: reader, Channels: group.Units.Select(reader.ChannelsOf).ToArray()))
            .ToArray();
        var alive = Enumerable.Range(0, group.Units.Count).ToList();
        var gone = new List<IReadOnlyList<(string Value, int Channel)>>();
        for (var step = 0; step < count; step++)
        {
            // As a share of what each layer computes, so that layers of large outputs do not decide alone.
            double Loss(int unit) =>
                reading.Sum(pair => pair.Channels[unit].Sum(channel => pair.Reader.Elimination.Loss(channel)) / pair.Reader.Whole);
            var unit = alive.MinBy(Loss);
            alive.Remove(unit);
            gone.Add(group.Units[unit]);
            foreach (var (reader, channels) in reading)
            {
                foreach (var channel in channels[unit])
                    reader.Elimination.Remove(channel);
            }
        }

        return gone;
    }
}
