using Subp.Core.Channels;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>
/// The scores of the units of a group by what its own layers hold: each layer's are divided by their mean, so that layers of larger
/// weights do not decide alone, and the mean over layers counts.
/// </summary>
internal static class ChannelScores
{
    /// <summary>One score for each unit, the larger the more it is needed; null where the group has nothing to measure.</summary>
    public static double[]? Of(Model model, ChannelGroup group, ChannelOptions options)
    {
        if (options.Criterion == ChannelCriterion.Random)
            return Chance(group, options.Seed);
        var members = group.Values.Select(model.Graph.FindNode).OfType<GraphNode>();
        double[][] scores = options.Criterion switch
        {
            ChannelCriterion.Gamma => [.. members.Where(node => node.Operator is BatchNorm).Select(node => Gamma(model, group, node))],
            ChannelCriterion.Taylor => [.. members.Select(node => Taylor(model, group, node, options)).OfType<double[]>()],
            _ =>
            [
                .. members.Where(node => node.Operator is Conv2d or Linear).Select(node => Filters(model, group, node, options.Criterion)),
            ],
        };
        return scores.Length == 0
            ? null
            : [.. Enumerable.Range(0, group.Units.Count).Select(unit => scores.Average(member => member[unit]))];
    }

    private static double[] Gamma(Model model, ChannelGroup group, GraphNode node)
    {
        var gamma = model.Weights[((BatchNorm)node.Operator).Scale].Values;
        return Normalised([
            .. group.Units.Select(unit => Rows(unit, node).Select(channel => (double)Math.Abs(gamma[channel])).DefaultIfEmpty(0).Average()),
        ]);
    }

    // Not where a normalisation follows: there the size of a filter does not matter, and the normalisation has the score.
    private static double[]? Taylor(Model model, ChannelGroup group, GraphNode node, ChannelOptions options)
    {
        if (
            options.TaylorScores is null
            || !options.TaylorScores.TryGetValue(node.Name, out var scores)
            || model.Graph.ConsumersOf(node.Name).Any(reader => reader.Operator is BatchNorm)
        )
            return null;
        return Normalised([.. group.Units.Select(unit => Rows(unit, node).Sum(channel => scores[channel]))]);
    }

    private static double[] Filters(Model model, ChannelGroup group, GraphNode node, ChannelCriterion criterion)
    {
        var weight = model.Weights[node.Operator.Parameters[0].Name];
        var size = weight.Shape.ElementCount / weight.Shape[0];
        float[][] filters =
        [
            .. group.Units.Select(unit => Rows(unit, node).SelectMany(row => weight.Values.AsSpan(row * size, size).ToArray()).ToArray()),
        ];
        var scores = new double[filters.Length];
        Parallel.For(
            0,
            filters.Length,
            unit =>
                scores[unit] = criterion switch
                {
                    ChannelCriterion.L1 => filters[unit].Sum(value => (double)Math.Abs(value)),
                    ChannelCriterion.L2 => Math.Sqrt(filters[unit].Sum(value => (double)value * value)),
                    _ => filters.Sum(other => Distance(filters[unit], other)),
                }
        );
        return Normalised(scores);
    }

    private static IEnumerable<int> Rows(IReadOnlyList<(string Value, int Channel)> unit, GraphNode node) =>
        unit.Where(member => member.Value == node.Name).Select(member => member.Channel);

    private static double Distance(float[] left, float[] right)
    {
        double sum = 0;
        for (var index = 0; index < Math.Min(left.Length, right.Length); index++)
            sum += ((double)left[index] - right[index]) * ((double)left[index] - right[index]);
        return Math.Sqrt(sum);
    }

    private static double[] Normalised(double[] scores)
    {
        var mean = scores.Average();
        return mean > 0 ? [.. scores.Select(score => score / mean)] : scores;
    }

    // SplitMix64 (Steele et al., 2014) over the seed and the place of the group: the same on every machine.
    private static double[] Chance(ChannelGroup group, ulong seed)
    {
        var state = group.Values.SelectMany(value => value).Aggregate(seed, (sum, letter) => unchecked((sum * 31) + letter));
        var scores = new double[group.Units.Count];
        for (var unit = 0; unit < scores.Length; unit++)
        {
            state = unchecked(state + 0x9E3779B97F4A7C15);
            var mixed = unchecked((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9);
            mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
            scores[unit] = (mixed ^ (mixed >> 31)) >> 11;
        }

        return scores;
    }
}
