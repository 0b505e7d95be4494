using Subp.Cli.Commands;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Compression.Blocks;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Pruning;

namespace Subp.Cli.Compression;

/// <summary>A network that lost blocks at once and was restored, as <c>compress</c> and <c>import</c> make it.</summary>
/// <param name="Outcome">The network with its batch normalisations, and what became of its layers.</param>
/// <param name="Packed">The network as it is stored.</param>
/// <param name="Decisions">Which layers were pruned, and why others were not.</param>
/// <param name="Restoration">What was done about the loss.</param>
/// <param name="Difference">How far outputs are from those of the original.</param>
internal sealed record RestoredBlocks(
    BlockOutcome Outcome,
    Model Packed,
    IReadOnlyList<LayerDecision> Decisions,
    BlockRestoration Restoration,
    OutputDifference Difference
)
{
    /// <summary>Prunes and restores.</summary>
    /// <param name="original">The network, batch normalisations not folded.</param>
    /// <param name="options">Which layers lose how much.</param>
    /// <param name="restoration">What is done about it.</param>
    /// <param name="calibration">Inputs, or null.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="context">Hears of dense layers, of the loss, and of what is to be done about it.</param>
    public static RestoredBlocks Create(
        Model original,
        PruneOptions options,
        BlockRestoration restoration,
        IReadOnlyList<float[]>? calibration,
        string source,
        CommandContext context
    )
    {
        var decisions = OneShotPruning.Select(original.Graph, options);
        PrunedNetwork.LogDense(decisions, context);
        if (restoration != BlockRestoration.None && calibration is null)
            NormCheck.Require(original, source, context);
        var outcome = BlockCompression.Compress(
            original,
            [
                .. decisions
                    .Where(decision => decision.Grid is not null)
                    .DistinctBy(decision => decision.Weight)
                    .Select(decision => new BlockTarget(decision.Node, options.BlockLength, decision.Counts.Pruned)),
            ],
            restoration,
            calibration,
            context.Cancellation
        );
        var packed = PrunedNetwork.Pack(new PruneResult(outcome.Model, decisions), source, context).Model;
        context.Cancellation.ThrowIfCancellationRequested();
        var difference = FinishedNetworkOptionSet.Compare(original, packed, calibration, context);
        Report(outcome, restoration, options, difference, calibration is not null, source, context);
        return new RestoredBlocks(outcome, packed, decisions, restoration, difference);
    }

    private static void Report(
        BlockOutcome outcome,
        BlockRestoration restoration,
        PruneOptions options,
        OutputDifference difference,
        bool isMeasured,
        string source,
        CommandContext context
    )
    {
        var rates = outcome.Layers.Select(layer => options.RateOf(layer.Layer)).Distinct().Order();
        // An input that keeps its class cannot cost accuracy.
        var loss = isMeasured
            ? FormattableString.Invariant($", a predicted loss of at most {100 * (1 - difference.SameClass):0.0} points of accuracy")
            : "";
        context.Report(
            new Diagnostic(
                restoration == BlockRestoration.None
                    ? DiagnosticDescriptors.PrunedWithoutTraining
                    : DiagnosticDescriptors.RestoredWithoutTraining,
                source,
                FormattableString.Invariant($"{outcome.Layers.Count} layers pruned to {string.Join(", ", rates.Select(Figures.Percent))}, ")
                    + $"outputs {Figures.Percent(difference.RelativeError)} off and the same class for "
                    + $"{Figures.Percent(difference.SameClass)} of {difference.Inputs}{loss}",
                restoration == BlockRestoration.None ? "training at this sparsity before use" : "a look at its accuracy before use",
                restoration == BlockRestoration.None ? "Restore it with --restore moments." : "See docs/compression.md."
            )
        );
    }
}
