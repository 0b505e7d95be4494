using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Core.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>
/// How the channels of all groups of a network rank among each other, so that a share of them all can go where it costs least. No group
/// loses more than four fifths: scores of different layers compare badly enough that one of them could vanish.
/// </summary>
public sealed class ChannelRanking
{
    private const double MostOfAGroup = 0.8;

    // Ascending scores by the first channel of a group, which no other group has; a value that is cut into slices has several groups.
    private readonly IReadOnlyDictionary<(string Value, int Channel), double[]> _scores;

    private ChannelRanking(IReadOnlyDictionary<(string Value, int Channel), double[]> scores) => _scores = scores;

    /// <summary>Ranks the channels that may go.</summary>
    /// <param name="model">The network, batch normalisations not folded.</param>
    /// <param name="options">The criterion, and which groups may shrink.</param>
    /// <param name="calibration">Inputs to measure statistics on, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0533: no channels can go. SUBP0535: the criterion has nothing to measure.</exception>
    public static ChannelRanking Of(
        Model model,
        ChannelOptions options,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        var readers =
            options.Criterion == ChannelCriterion.UnexplainedVariance
                ? ChannelReader.All(
                    model,
                    calibration is null ? NetworkStatistics.Propagate(model) : MeasuredStatistics.Measure(model, calibration, cancellation)
                )
                : null;
        var scores = new Dictionary<(string Value, int Channel), double[]>();
        foreach (
            var (group, _) in ChannelCompression.Plan(model.Graph, options with { Ratio = MostOfAGroup, Multiple = 1, Ranking = null })
        )
        {
            cancellation.ThrowIfCancellationRequested();
            if (!ChannelCompression.MayShrink(model.Graph, group, options))
                continue;
            var most = group.Units.Count - Fewest(group.Units.Count);
            scores[group.Units[0][0]] = readers is null
                ? [.. ChannelChoice.Scores(model, group, options).Order().Take(most)]
                // What goes later is missed more, whatever it was worth by itself.
                : [.. Rising(ChannelChoice.LeastMissed(model, group, most, readers).Select(step => step.Loss))];
        }

        return new ChannelRanking(scores);
    }

    /// <summary>How many channels of a group go when a share of the channels of all groups goes.</summary>
    internal int Removed(ChannelGroup group, double ratio)
    {
        if (!_scores.ContainsKey(group.Units[0][0]))
            return 0;
        // The capped fifth of every group counts among all channels, but never goes.
        var all = _scores.SelectMany(pair => pair.Value.Select(score => (Score: score, Group: pair.Key))).ToArray();
        var count = Math.Min((int)((ratio * all.Length / MostOfAGroup) + 1e-9), all.Length);
        // The order of the groups decides between equal scores, so that no more go than the share.
        return all.OrderBy(channel => channel.Score).Take(count).Count(channel => channel.Group == group.Units[0][0]);
    }

    /// <summary>The fewest channels that a group of so many keeps.</summary>
    internal static int Fewest(int channels) => channels - (int)(MostOfAGroup * channels);

    private static IEnumerable<double> Rising(IEnumerable<double> losses)
    {
        var largest = 0.0;
        foreach (var loss in losses)
            yield return largest = Math.Max(largest, loss);
    }
}
