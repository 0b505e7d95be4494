using Subp.Compression.Propagation;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compression.Restoration;

/// <summary>
/// Puts the outputs of a layer whose weights were changed back where they were: a batch normalisation behind it gets the mean and variance
/// that the changed layer has; without one the bias takes back what the change adds on average.
/// </summary>
internal static class OutputCorrection
{
    /// <summary>Corrects one layer.</summary>
    /// <param name="draft">The network, with the changed weight in it.</param>
    /// <param name="graph">Its structure.</param>
    /// <param name="statistics">What is known of the layer's input.</param>
    /// <param name="before">The filters before the change.</param>
    public static void Apply(ModelDraft draft, Graph graph, LayerStatistics statistics, FilterBank before)
    {
        var form = statistics.Form;
        var after = form.Filters(draft.Weights);
        if (OwnNorm(graph, form.Node) is { } norm)
        {
            var (mean, variance) = BatchNormEstimate.Update(
                draft.Weights[norm.Mean].Values,
                draft.Weights[norm.Variance].Values,
                statistics.Through(before),
                statistics.Through(after)
            );
            draft.Set(norm.Mean, [.. mean.Select(value => (float)value)]);
            draft.Set(norm.Variance, [.. variance.Select(value => (float)value)]);
        }
        else
        {
            double[] then = statistics.Through(before).Mean,
                now = statistics.Through(after).Mean;
            draft.AddToBias(form.Node.Name, [.. then.Zip(now, (first, second) => first - second)]);
        }
    }

    /// <summary>The normalisation behind a layer, where no other shares its statistics; null where there is none.</summary>
    public static BatchNorm? OwnNorm(Graph graph, GraphNode layer) =>
        Normalisation.Of(graph, layer)?.Operator is { } norm && Normalisation.OwnsStatistics(graph, norm) ? norm : null;
}
