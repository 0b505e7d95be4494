using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Compression.Blocks;
using Subp.Compression.Channels;
using Subp.Compression.Joint;
using Subp.Compression.Precision;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Storage;
using Subp.Core.Weights;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;
using Subp.Training.Pruning;

namespace Subp.Cli.Compression;

/// <summary>A network that was made smaller and restored, as <c>compress</c> and <c>import</c> make it.</summary>
/// <param name="Unfolded">The network with its batch normalisations.</param>
/// <param name="Packed">The network as it is stored.</param>
/// <param name="Groups">What became of groups of channels; none where channels were not asked for.</param>
/// <param name="Layers">The layers that lost blocks.</param>
/// <param name="Decisions">Which layers were pruned, and why others were not.</param>
/// <param name="Bits">The bits of every layer, or null.</param>
/// <param name="Bytes">The bytes of all weights as they are stored.</param>
internal sealed record CompressedNetwork(
    Model Unfolded,
    Model Packed,
    IReadOnlyList<ChannelGroupOutcome> Groups,
    IReadOnlyList<BlockLayerOutcome> Layers,
    IReadOnlyList<LayerDecision> Decisions,
    IReadOnlyDictionary<string, int>? Bits,
    long Bytes
)
{
    /// <summary>The passes in which what is left learned the answers of the original; 0 where it did not, or for nothing.</summary>
    public int Distillation { get; init; }

    /// <summary>The layers whose channels went without being restored, though that was asked for.</summary>
    public IReadOnlyList<string> NotRestored { get; init; } = [];

    /// <summary>
    /// Takes channels first, since blocks would hold them; then blocks, restored on what is left; and rounds last, since only what is
    /// rounded last stays round. What is left before that may learn the answers of the original. By UDFC channels and bits are restored
    /// at once.
    /// </summary>
    /// <param name="original">The network, batch normalisations not folded.</param>
    /// <param name="plan">What it loses.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="context">Hears of dense layers.</param>
    public static CompressedNetwork Create(Model original, CompressionPlan plan, string source, CommandContext context)
    {
        var hasBlocks = HasBlocks(plan.Blocks);
        var isUdfc = plan.Channels?.Restoration == ChannelRestoration.Udfc && plan.Compensation == PrecisionCompensation.Udfc;
        if (isUdfc && !hasBlocks && plan.Bits is not null)
            return Together(original, plan.Channels!, plan.Bits, plan.Calibration, context.Cancellation);
        var model = original;
        IReadOnlyList<ChannelGroupOutcome> groups = [];
        IReadOnlyList<string> notRestored = [];
        if (plan.Channels is not null)
        {
            var outcome = ChannelCompression.Shrink(model, plan.Channels, plan.Calibration, context.Cancellation);
            (model, groups, notRestored) = (outcome.Model, outcome.Groups, outcome.NotRestored);
        }

        IReadOnlyList<LayerDecision> decisions = hasBlocks ? OneShotPruning.Select(model.Graph, plan.Blocks) : [];
        BlockTarget[] targets =
        [
            .. decisions
                .Where(decision => decision.Grid is not null && decision.Counts.Pruned > 0)
                .DistinctBy(decision => decision.Weight)
                .Select(decision => new BlockTarget(decision.Node, plan.Blocks.BlockLength, decision.Counts.Pruned)),
        ];
        IReadOnlyList<BlockLayerOutcome> layers = [];
        if (targets.Length > 0)
        {
            PrunedNetwork.LogDense(decisions, context);
            var outcome = BlockCompression.Compress(model, targets, plan.Restoration, plan.Calibration, context.Cancellation);
            (model, layers) = (outcome.Model, outcome.Layers);
        }

        var isSmaller = layers.Count > 0 || groups.Any(group => group.After < group.Before);
        (model, var passes) = DistilledNetwork.Create(model, original, isSmaller, plan.Calibration, plan.Distillation, context);
        // A network without layers has no bits either.
        var bits = plan.Bits?.Invoke(model) is { Count: > 0 } found ? found : null;
        if (bits is not null)
            model = WeightRounding.Round(model, new RoundingOptions(bits, plan.Compensation), plan.Calibration, context.Cancellation);
        var packed =
            targets.Length > 0 ? PrunedNetwork.Pack(new PruneResult(model, decisions), source, context).Model : PassPipeline.Pack(model);
        context.Cancellation.ThrowIfCancellationRequested();
        return new CompressedNetwork(model, packed, groups, layers, decisions, bits, Size(packed.Graph))
        {
            Distillation = passes,
            NotRestored = notRestored,
        };
    }

    // The bits are those of the network that is left, which its structure says; restoring changes nothing about that.
    private static CompressedNetwork Together(
        Model original,
        ChannelOptions channels,
        Func<Model, IReadOnlyDictionary<string, int>> rounded,
        IReadOnlyList<float[]>? calibration,
        CancellationToken cancellation
    )
    {
        var bare = ChannelCompression.Shrink(original, channels with { Restoration = ChannelRestoration.None }, calibration, cancellation);
        var bits = rounded(bare.Model);
        var outcome = UdfcCompression.Compress(original, channels, bits, calibration, cancellation);
        var packed = PassPipeline.Pack(outcome.Model);
        return new CompressedNetwork(outcome.Model, packed, outcome.Groups, [], [], bits.Count > 0 ? bits : null, Size(packed.Graph))
        {
            NotRestored = outcome.NotRestored,
        };
    }

    /// <summary>Whether blocks go.</summary>
    public static bool HasBlocks(PruneOptions blocks) => blocks.Sparsity > 0 || blocks.LayerRates.Any(rate => rate.Sparsity > 0);

    /// <summary>The bytes of all weights of a packed network as they are stored: what is pruned takes none, few bits take few.</summary>
    public static long Size(Graph packed) => WeightFileLayout.Of(packed).Tensors.Sum(tensor => (long)tensor.ByteLength);

    /// <summary>Says what was done and how far outputs are from those of the original.</summary>
    /// <param name="plan">What it lost.</param>
    /// <param name="calibration">The inputs, or null.</param>
    /// <param name="difference">How far outputs are from those of the original, on inputs that were held out where there are
    /// enough.</param>
    /// <param name="source">The file.</param>
    /// <param name="context">Where to report.</param>
    public void Report(
        CompressionPlan plan,
        CalibrationSet? calibration,
        OutputDifference difference,
        string source,
        CommandContext context
    )
    {
        var rates = Layers.Select(layer => plan.Blocks.RateOf(layer.Layer)).Distinct().Order().Select(rate => Figures.Percent(rate));
        string[] parts =
        [
            .. Groups.Count > 0
                ?
                [
                    FormattableString.Invariant(
                        $"{Groups.Sum(group => group.Before - group.After)} of {Groups.Sum(group => group.Before)} channels removed"
                    ),
                ]
                : Array.Empty<string>(),
            .. Layers.Count > 0
                ? [FormattableString.Invariant($"{Layers.Count} layers pruned to {string.Join(", ", rates)}")]
                : Array.Empty<string>(),
            .. Bits is not null
                ? [FormattableString.Invariant($"weights rounded to {Bits.Values.Min()} to {Bits.Values.Max()} bits")]
                : Array.Empty<string>(),
            .. DistilledNetwork.Sentence(Distillation),
            $"outputs {Figures.Percent(difference.RelativeError)} off and the same class for {Figures.Percent(difference.SameClass)} of "
                + difference.Inputs,
            // An input that keeps its class cannot cost accuracy; but only inputs that nothing was fitted to say so of others.
            .. calibration switch
            {
                null => Array.Empty<string>(),
                { HoldsOut: true } =>
                [
                    FormattableString.Invariant($"a predicted loss of at most {100 * (1 - difference.SameClass):0.0} points of accuracy, ")
                        + "by inputs that were held out",
                ],
                _ => ["all of them inputs that it was fitted to, which flatter it"],
            },
        ];
        // Blocks that nothing makes up for cost most of the accuracy; channels and bits say by the difference what they cost.
        var isRestored = Layers.Count == 0 || plan.Restoration != BlockRestoration.None;
        context.Report(
            new Diagnostic(
                isRestored ? DiagnosticDescriptors.RestoredAfterTraining : DiagnosticDescriptors.PrunedWithoutTraining,
                source,
                string.Join(", ", parts),
                isRestored ? "a look at its accuracy before use" : "training at this sparsity before use",
                isRestored ? SyntheticCalibration.Advice(calibration) : "Restore it with --restore moments."
            )
        );
    }
}
