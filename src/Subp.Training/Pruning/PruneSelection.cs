using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Training.Sparsification;

namespace Subp.Training.Pruning;

/// <summary>
/// Decides which layers of a finished network are pruned, and says why the others are not. Nothing here is an error: whoever explores
/// the speed of a network wants the layers that fit, whatever the network is.
/// </summary>
public static class PruneSelection
{
    /// <summary>The decision for every convolution and linear layer, in graph order.</summary>
    /// <exception cref="SubpException">SUBP0511: a pattern of the options names no layer.</exception>
    public static IReadOnlyList<LayerDecision> Decide(Graph graph, PruneOptions options)
    {
        var layers = graph.Nodes.Where(node => node.Operator is Conv2d or Linear).ToArray();
        string[] names = [.. layers.Select(layer => layer.Name)];
        LayerNames.RequireKnown("--include", options.Include, names);
        LayerNames.RequireKnown("--exclude", options.Exclude, names);
        LayerNames.RequireKnown("--layer-sparsity", options.LayerRates.Select(rate => rate.Pattern), names);

        var classifiers = Classifiers(graph);
        LayerDecision[] decisions = [.. layers.Select(layer => Decide(graph, layer, options, classifiers))];
        return [.. decisions.Select(decision => AgreeOnWeight(decision, decisions))];
    }

    private static LayerDecision Decide(Graph graph, GraphNode node, PruneOptions options, HashSet<string> classifiers)
    {
        var weight = graph.Parameter(node.Operator.Parameters[0].Name);
        double rate = options.RateOf(node.Name);
        var counts = BlockCounts.For(weight.Shape[1], rate, rate);
        string? reason =
            WhyNotFloat(weight)
            ?? WhyNotPrunable(node, weight, options.BlockLength)
            ?? WhyNotSelected(graph, node, weight, options, classifiers)
            ?? WhyNothingToDo(weight, options.BlockLength, rate, counts);
        if (reason is not null)
            return LayerDecision.Dense(node.Name, weight.Name, reason);

        int taps = weight.Shape.ElementCount / (weight.Shape[0] * weight.Shape[1]);
        return new LayerDecision(
            node.Name,
            weight.Name,
            new BlockGrid(weight.Shape[0], weight.Shape[1], taps, options.BlockLength),
            counts,
            null
        );
    }

    private static string? WhyNotFloat(Parameter weight) =>
        weight.Element == ElementType.Float32 ? null : $"its weights are {ElementTypes.Word(weight.Element)}, and pruning takes f32 only";

    private static string? WhyNotPrunable(GraphNode node, Parameter weight, int blockLength) =>
        node.Operator is Conv2d { Groups: > 1 } grouped
            ? grouped.Groups == weight.Shape[0]
                ? "it is depthwise"
                : "it has several channel groups"
            : weight.Shape[0] % blockLength != 0
                ? FormattableString.Invariant($"its {weight.Shape[0]} output channels are no multiple of N = {blockLength}")
                : null;

    private static string? WhyNotSelected(Graph graph, GraphNode node, Parameter weight, PruneOptions options, HashSet<string> classifiers)
    {
        if (LayerNames.Matches(options.Exclude, node.Name))
            return "it is excluded by name";

        if (options.Include.Count > 0)
            return LayerNames.Matches(options.Include, node.Name) ? null : "it is not included by name";

        return classifiers.Contains(node.Name) ? "it is the classifier"
            : node.Operator is Linear && !options.Linear ? "it is linear"
            : graph.IsInput(node.Inputs[0]) ? "it reads the input of the network"
            : weight.Shape[1] < options.MinimumInputChannels
                ? FormattableString.Invariant($"it has fewer than {options.MinimumInputChannels} input channels")
            : !options.Shortcuts && node.Operator is Conv2d conv && LayerSelection.IsShortcut(graph, node, conv) ? "it is a shortcut"
            : null;
    }

    private static string? WhyNothingToDo(Parameter weight, int blockLength, double rate, BlockCounts counts) =>
        counts.Pruned == 0 ? FormattableString.Invariant($"a rate of {rate} prunes none of its {counts.Channels} input channels")
        : weight.Pattern is { IsUniform: true } pattern && pattern.BlockLength == blockLength && pattern.Kept(0).Count <= counts.Kept
            ? "it is pruned at least as far already"
        : null;

    // Whoever shares a weight shares its zeros: it is pruned only where all layers that use it may be.
    private static LayerDecision AgreeOnWeight(LayerDecision decision, LayerDecision[] all)
    {
        if (decision.DenseReason is not null)
            return decision;

        var other = all.FirstOrDefault(other =>
            other.Weight == decision.Weight && (other.DenseReason is not null || other.Counts != decision.Counts)
        );
        return other is null
            ? decision
            : LayerDecision.Dense(decision.Node, decision.Weight, $"it shares its weight with '{other.Node}', which does not agree");
    }

    // Layers whose result meets no further convolution or linear layer on its way to the output.
    private static HashSet<string> Classifiers(Graph graph)
    {
        var feedsLayer = new HashSet<string>(StringComparer.Ordinal);
        var classifiers = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes.Reverse())
        {
            bool isLayer = node.Operator is Conv2d or Linear;
            if (isLayer && !feedsLayer.Contains(node.Name))
                classifiers.Add(node.Name);

            if (isLayer || feedsLayer.Contains(node.Name))
                feedsLayer.UnionWith(node.Inputs);
        }

        return classifiers;
    }
}
