using Subp.Compression.Propagation;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;

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
        if (Normalisation.Of(graph, form.Node)?.Operator is { } norm && !IsShared(graph, norm.Mean) && !IsShared(graph, norm.Variance))
        {
            var (mean, variance) = BatchNormEstimate.Update(
                draft.Weights[norm.Mean].Values,
                draft.Weights[norm.Variance].Values,
                before,
                after,
                statistics.Input,
                statistics.TapCorrelation
            );
            draft.Set(norm.Mean, [.. mean.Select(value => (float)value)]);
            draft.Set(norm.Variance, [.. variance.Select(value => (float)value)]);
        }
        else
        {
            double[] then = before.Mean(statistics.Input.Mean),
                now = after.Mean(statistics.Input.Mean);
            draft.AddToBias(form.Node.Name, [.. then.Zip(now, (first, second) => first - second)]);
        }
    }

    private static bool IsShared(Graph graph, string parameter) =>
        graph.Nodes.Count(node => node.Operator.Parameters.Any(use => use.Name == parameter)) > 1;
}
