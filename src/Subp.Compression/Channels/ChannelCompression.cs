using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Core.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Channels;

/// <summary>
/// Removes channels of a finished network in place, with everything that depends on them, and restores what the layers behind them
/// compute. The result is a smaller network of the same form. Nothing is trained.
/// </summary>
public static class ChannelCompression
{
    /// <summary>Removes channels and restores.</summary>
    /// <param name="model">The network, batch normalisations not folded. It is not changed.</param>
    /// <param name="options">How many, which, and what is done about it.</param>
    /// <param name="calibration">Inputs of the network, normalised as it wants them, or null: then nothing but the network is used.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0533: no channels can go. SUBP0535: the criterion has nothing to measure.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ChannelOutcome Shrink(
        Model model,
        ChannelOptions options,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        var chosen = Choose(model, options, calibration, cancellation);
        var draft = new ModelDraft(model);
        var notRestored = new List<string>();
        foreach (var reader in chosen.Readers.Values)
        {
            var removed = chosen.RemovedFrom(reader);
            if (removed.Length > 0 && !Restore(model, draft, reader, removed, options.Restoration))
                notRestored.Add(reader.Node.Name);
        }

        if (options.Restoration != ChannelRestoration.None)
            notRestored.AddRange(chosen.OtherReaders(model.Graph));
        var result = ChannelRewriter.Remove(draft.ToModel(), chosen.Units);
        if (calibration is not null && options.Restoration != ChannelRestoration.None)
            result = NormRecalibration.Measure(result, calibration, cancellation);
        return new ChannelOutcome(result, chosen.Groups) { NotRestored = notRestored };
    }

    /// <summary>Which channels go.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">How many, and which.</param>
    /// <param name="calibration">Inputs, or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="SubpException">SUBP0533: no channels can go. SUBP0535: the criterion has nothing to measure.</exception>
    internal static ChosenChannels Choose(
        Model model,
        ChannelOptions options,
        IReadOnlyList<float[]>? calibration,
        CancellationToken cancellation
    )
    {
        var plans = Plan(model.Graph, options);
        var statistics = calibration is null
            ? NetworkStatistics.Propagate(model)
            : MeasuredStatistics.Measure(model, calibration, cancellation);
        var readers = ChannelReader.All(model, statistics);
        var units = new List<IReadOnlyList<(string Value, int Channel)>>();
        foreach (var (group, outcome) in plans.Where(plan => plan.Outcome.Reason is null))
        {
            cancellation.ThrowIfCancellationRequested();
            units.AddRange(ChannelChoice.Choose(model, group, group.Units.Count - outcome.After, options, readers));
        }

        return new ChosenChannels([.. plans.Select(plan => plan.Outcome)], readers, units);
    }

    /// <summary>What <see cref="Shrink"/> gives, found without looking at a weight: every weight is one.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="options">How many channels go.</param>
    /// <exception cref="SubpException">SUBP0533: no channels can go.</exception>
    public static Model Structure(Graph graph, ChannelOptions options)
    {
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var values = new float[parameter.Shape.ElementCount];
            Array.Fill(values, 1);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return ChannelRewriter.Remove(
            new Model(graph, weights),
            Plan(graph, options).Where(plan => plan.Outcome.Reason is null).SelectMany(plan => plan.Group.Units.Skip(plan.Outcome.After))
        );
    }

    /// <summary>What becomes of every group of channels that a convolution or linear layer makes.</summary>
    internal static List<(ChannelGroup Group, ChannelGroupOutcome Outcome)> Plan(Graph graph, ChannelOptions options)
    {
        var plans = new List<(ChannelGroup Group, ChannelGroupOutcome Outcome)>();
        foreach (var group in ChannelDependencies.Find(graph))
        {
            var layers = Layers(graph, group);
            if (layers.Length == 0)
                continue;
            var count = group.Units.Count;
            var asked = options.Ranking is { } ranking ? count - ranking.Removed(group, options.Ratio) : options.Asked(count);
            var fewest = options.Ranking is null ? 1 : ChannelRanking.Fewest(count);
            var kept = asked == count ? count : Math.Min(options.Rounded(asked, fewest), count);
            var reason =
                WhyFrozen(graph, group, layers, options)
                ?? (
                    kept < count ? null
                    : options.Ranking is not null ? "others are missed less"
                    : count == 1 ? "the only channel cannot go"
                    : FormattableString.Invariant($"{count} channels cannot lose that share")
                );
            plans.Add((group, new ChannelGroupOutcome(layers, count, asked, reason is null ? kept : count, reason)));
        }

        return plans.Exists(plan => plan.Outcome.Reason is null) ? plans : throw Nothing(graph, plans);
    }

    // A group that an option would free says more than one that stays whatever is asked for.
    private static SubpException Nothing(Graph graph, List<(ChannelGroup Group, ChannelGroupOutcome Outcome)> plans)
    {
        var free = plans.FindIndex(plan => plan.Group.FrozenBecause is null);
        var example = plans.Count == 0 ? null : plans[Math.Max(free, 0)].Outcome;
        return new SubpException(
            DiagnosticDescriptors.NothingToShrink,
            $"graph '{graph.Name}'",
            example is null
                ? "no convolution or linear layer"
                : FormattableString.Invariant(
                    $"{plans.Count} group{(plans.Count == 1 ? "" : "s")} of channels; those of '{example.Layers[0]}', "
                ) + $"for example, stay because {example.Reason}",
            "at least one that can be made smaller",
            free >= 0
                ? "Remove a larger share, allow --shared, or a smaller --multiple."
                : "No option changes that; subp compress removes blocks and bits of such a network."
        );
    }

    /// <summary>Whether channels of a group may go at all.</summary>
    internal static bool MayShrink(Graph graph, ChannelGroup group, ChannelOptions options) =>
        WhyFrozen(graph, group, Layers(graph, group), options) is null;

    private static string[] Layers(Graph graph, ChannelGroup group) =>
        [.. group.Values.Where(value => graph.FindNode(value)?.Operator is Conv2d or Linear)];

    private static string? WhyFrozen(Graph graph, ChannelGroup group, string[] layers, ChannelOptions options) =>
        group.FrozenBecause
        ?? (Array.Find(layers, layer => !options.MayShrink(layer)) is { } left ? $"'{left}' is left out by name" : null)
        ?? (!options.Shared && IsShared(graph, group) ? "several layers add to them; --shared takes them along" : null);

    private static bool IsShared(Graph graph, ChannelGroup group) =>
        group.Values.Any(value =>
            graph.FindNode(value) is { } node && (node.Operator is Add || (node.Operator is Conv2d && node.Inputs.Count > 1))
        );

    // False where the form that is asked for cannot restore the layer.
    private static bool Restore(Model model, ModelDraft draft, ChannelReader reader, int[] removed, ChannelRestoration restoration)
    {
        var form = LayerForm.Find(model.Graph, reader.Node, reader.Statistics?.Input)!;
        int[] kept = [.. Enumerable.Range(0, reader.Inputs).Except(removed)];
        float[] Dropped() => reader.Combined(kept, removed, new Matrix(kept.Length, removed.Length));
        switch (restoration)
        {
            case ChannelRestoration.Merge
            or ChannelRestoration.Udfc
                when ProducerFilters.Find(model, draft.Weights, reader.Node.Inputs[0]) is { } filters && filters.Channels == reader.Inputs:
                var combinations =
                    restoration == ChannelRestoration.Merge
                        ? NeuronMerging.Combinations(filters, kept, removed)
                        : Udfc.Combinations(filters, kept, removed);
                draft.Set(form.Weight, reader.Combined(kept, removed, combinations));
                return true;
            case ChannelRestoration.BatchNorm or ChannelRestoration.Moments when reader.Statistics is not null:
                if (restoration == ChannelRestoration.Moments)
                {
                    foreach (var channel in removed)
                        reader.Elimination.Remove(channel);
                }

                draft.Set(form.Weight, restoration == ChannelRestoration.Moments ? reader.Weights(reader.Elimination.Blocks) : Dropped());
                OutputCorrection.Apply(draft, model.Graph, reader.Statistics, form.Filters(model.Weights));
                return true;
            default:
                draft.Set(form.Weight, Dropped());
                return restoration == ChannelRestoration.None;
        }
    }
}
