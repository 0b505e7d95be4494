using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Training.Channels;
using Subp.Training.Numerics;
using Subp.Training.Sparsification;

namespace Subp.Training.Pruning;

/// <summary>
/// Prunes a finished network at once, to see how fast it would be: the first mask update of SUBP at the target rate, with nothing
/// brought back. Every group of a pruned layer keeps the same number of blocks. The accuracy is lost until the network is trained.
/// </summary>
public static class OneShotPruning
{
    /// <summary>Prunes a network. The same network and options give the same bits.</summary>
    /// <param name="model">The network, best packed already, so that batch normalisation is in the weights that are scored and names are
    /// those of the compiled network. It is not changed.</param>
    /// <param name="options">What is pruned, and how far.</param>
    /// <returns>The pruned network and the decision for each layer.</returns>
    /// <exception cref="SubpException">SUBP0511: a pattern of the options names no layer. SUBP0509: no layer is left to prune.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is not in [0, 1), or N is below 1.</exception>
    public static PruneResult Prune(Model model, PruneOptions options)
    {
        var decisions = Select(model.Graph, options);
        var pruned = decisions.Where(decision => decision.Grid is not null).DistinctBy(decision => decision.Weight).ToArray();

        if (options.Rearrange)
            model = FilterRearrangement.Apply(model, pruned.Select(decision => decision.Weight));

        // Layers are independent of each other, so that the order in which they are done cannot show in the result.
        var masks = new BlockMask[pruned.Length];
        Parallel.For(0, pruned.Length, index => masks[index] = Mask(model.Weights[pruned[index].Weight], pruned[index], options.Criterion));
        return new PruneResult(Apply(model, pruned, masks), decisions);
    }

    /// <summary>The decision for every convolution and linear layer, of which at least one is to prune.</summary>
    /// <param name="graph">The network, packed or not.</param>
    /// <param name="options">What is pruned, and how far.</param>
    /// <exception cref="SubpException">SUBP0511: a pattern of the options names no layer. SUBP0509: no layer is left to prune.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is not in [0, 1), or N is below 1.</exception>
    public static IReadOnlyList<LayerDecision> Select(Graph graph, PruneOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockLength, 1);
        var decisions = PruneSelection.Decide(graph, options);
        return decisions.Any(decision => decision.Grid is not null)
            ? decisions
            : throw new SubpException(
                DiagnosticDescriptors.NothingToPrune,
                $"graph '{graph.Name}'",
                FormattableString.Invariant($"{decisions.Count} convolutions and linear layers, none to prune{FirstReason(decisions)}"),
                "at least one",
                "Choose a smaller N, or name layers with --include."
            );
    }

    private static BlockMask Mask(WeightTensor weight, LayerDecision layer, ImportanceCriterion criterion) =>
        MaskUpdate.Next(
            weight.Values,
            layer.Grid!,
            BlockMask.Ones(layer.Grid!),
            layer.Counts,
            new SubpOptions(criterion, SubpVariant.V1),
            new DeterministicRandom(0)
        );

    private static Model Apply(Model model, LayerDecision[] layers, BlockMask[] masks)
    {
        var patterns = new Dictionary<string, BlockPattern>(StringComparer.Ordinal);
        var weights = new WeightSet();
        foreach (string name in model.Weights.Names)
            weights[name] = model.Weights[name];

        foreach (var (layer, mask) in layers.Zip(masks))
        {
            var dense = model.Weights[layer.Weight];
            float[] values = [.. dense.Values];
            mask.Apply(layer.Grid!, values);
            weights[layer.Weight] = new WeightTensor(dense.Shape, values);
            patterns[layer.Weight] = mask.ToPattern(layer.Grid!.BlockLength);
        }

        var parameters = model.Graph.Parameters.Select(parameter =>
            patterns.TryGetValue(parameter.Name, out var pattern) ? parameter with { Pattern = pattern, Bits = null } : parameter
        );
        return new Model(model.Graph.With(parameters: [.. parameters]), weights);
    }

    // The reason that keeps most layers dense says most about what was asked for.
    private static string FirstReason(IReadOnlyList<LayerDecision> decisions) =>
        decisions.GroupBy(decision => decision.DenseReason).MaxBy(group => group.Count()) is { } most
            ? $"; '{most.First().Node}', for example, because {most.Key}"
            : "";
}
