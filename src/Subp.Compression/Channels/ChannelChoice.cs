using Subp.Core.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>Chooses which units of a group go.</summary>
internal static class ChannelChoice
{
    private const int UnitsPerStep = 128;

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
            return LeastMissed(model, group, count, readers).Select(step => group.Units[step.Unit]);
        var scores = Scores(model, group, options);
        return Enumerable.Range(0, scores.Length).OrderBy(unit => scores[unit]).Take(count).Order().Select(unit => group.Units[unit]);
    }

    /// <summary>The scores of the units of a group, for all criteria but unexplained variance.</summary>
    /// <exception cref="SubpException">SUBP0535: the criterion has nothing to measure in this group.</exception>
    public static double[] Scores(Model model, ChannelGroup group, ChannelOptions options) =>
        ChannelScores.Of(model, group, options)
        ?? throw new SubpException(
            DiagnosticDescriptors.CriterionNotApplicable,
            $"channels of '{group.Values[0]}'",
            options.Criterion == ChannelCriterion.Taylor ? "no gradients" : "no batch normalisation",
            options.Criterion == ChannelCriterion.Taylor
                ? "scores of the criterion taylor, which are measured on inputs"
                : "one whose scale the criterion gamma can look at",
            "Choose another --criterion, or leave the layer out with --exclude."
        );

    /// <summary>
    /// Removes units one after another, each time those that are missed least, and says what was lost with each: as a share of what every
    /// layer that reads them computes. The state of the readers follows. Where no layer reads them whose weights are its own, those of the
    /// smallest filters go, and the share is that of the filters.
    /// </summary>
    public static IReadOnlyList<(int Unit, double Loss)> LeastMissed(
        Model model,
        ChannelGroup group,
        int count,
        IReadOnlyDictionary<string, ChannelReader> readers
    )
    {
        var reading = readers
            .Values.Where(reader => group.Values.Contains(reader.Node.Inputs[0]))
            .Select(reader => (Reader: reader, Channels: group.Units.Select(reader.ChannelsOf).ToArray()))
            .ToArray();
        if (reading.Length == 0)
            return SmallestFilters(model, group, count);
        var alive = Enumerable.Range(0, group.Units.Count).ToList();
        var gone = new List<(int Unit, double Loss)>();
        // Wide groups lose several at a time, of the least losses: one by one, their matrices would go through memory for each.
        var chunk = Math.Max(1, group.Units.Count / UnitsPerStep);
        while (gone.Count < count)
        {
            // As a share of what each layer computes, so that layers of large outputs do not decide alone.
            double Loss(int unit) =>
                reading.Sum(pair => pair.Channels[unit].Sum(channel => pair.Reader.Elimination.Loss(channel)) / pair.Reader.Whole);
            (int Unit, double Loss)[] least =
            [
                .. alive
                    .Select(unit => (Unit: unit, Loss: Loss(unit)))
                    .OrderBy(unit => unit.Loss)
                    .Take(Math.Min(chunk, count - gone.Count)),
            ];
            gone.AddRange(least);
            alive.RemoveAll(unit => least.Any(other => other.Unit == unit));
            foreach (var (reader, channels) in reading)
                reader.Elimination.Remove([.. least.SelectMany(unit => channels[unit.Unit])]);
        }

        return gone;
    }

    private static (int Unit, double Loss)[] SmallestFilters(Model model, ChannelGroup group, int count)
    {
        var scores =
            ChannelScores.Of(model, group, new ChannelOptions { Criterion = ChannelCriterion.L1 }) ?? new double[group.Units.Count];
        var all = Math.Max(scores.Sum(), double.Epsilon);
        return [.. Enumerable.Range(0, scores.Length).OrderBy(unit => scores[unit]).Take(count).Select(unit => (unit, scores[unit] / all))];
    }
}
