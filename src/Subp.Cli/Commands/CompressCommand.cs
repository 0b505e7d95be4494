using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Compression.Blocks;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Training.Pruning;

namespace Subp.Cli.Commands;

/// <summary>Removes 1xN blocks of a finished network at once and restores it in closed form, without training.</summary>
internal sealed class CompressCommand : SubpCommand
{
    private static readonly Dictionary<string, BlockRestoration> s_restorations = new(StringComparer.Ordinal)
    {
        ["none"] = BlockRestoration.None,
        ["bn"] = BlockRestoration.BatchNorm,
        ["moments"] = BlockRestoration.Moments,
    };

    private readonly Option<string> _restore = new("--restore")
    {
        Description =
            "What is done about the loss: none; bn, which gives batch normalisations new statistics; or moments, which also chooses blocks "
            + "that others can replace and gives their part to those.",
        DefaultValueFactory = _ => "moments",
    };
    private readonly FinishedNetworkOptionSet _files;
    private readonly CalibrationOptionSet _calibration;
    private readonly PruneOptionSet _prune;

    /// <summary>Creates the verb.</summary>
    public CompressCommand()
        : base("compress", "Make a finished network uniformly 1xN block-sparse at once and restore it in closed form, without training.")
    {
        _restore.AcceptOnlyFromAmong([.. s_restorations.Keys]);
        _files = new FinishedNetworkOptionSet("compressed").AddSource(this);
        Add(_restore);
        _calibration = new CalibrationOptionSet().AddTo(this);
        _prune = new PruneOptionSet(withCriterion: false).AddTo(this);
        _files.AddResult(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp compress model.onnx --sparsity 0.5", "half of all 1x16 blocks, no data"),
            ("subp compress runs/dense --sparsity 0.5 --calibration data/fashion-mnist --eval", "with 250 images, labels unused"),
            ("subp compress resnet18.pth --sparsity 0.5 --calibration images.npy -o half.subp", "inputs as numpy.save writes them"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = _files.Source(arguments);
        using var outputs = _files.Open(arguments);
        var original = _files.Read(arguments);
        var options = _prune.ReadAll(arguments, original.Graph);
        var restoration = s_restorations[arguments.GetValue(_restore)!];
        var decisions = OneShotPruning.Select(original.Graph, options);
        PrunedNetwork.LogDense(decisions, context);
        var calibration = _calibration.Read(arguments, original.Graph);
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
        var accuracy = _files.Accuracy(arguments, original, packed, context);
        _files.Write(arguments, outputs, outcome.Model, packed);
        Report(context, source, outcome, restoration, options, difference);
        Print(context, _files.Target(arguments), packed, outcome, restoration, difference, accuracy);
        return 0;
    }

    private static void Report(
        CommandContext context,
        string source,
        BlockOutcome outcome,
        BlockRestoration restoration,
        PruneOptions options,
        OutputDifference difference
    )
    {
        var rates = outcome.Layers.Select(layer => options.RateOf(layer.Layer)).Distinct().Order();
        context.Report(
            new Diagnostic(
                restoration == BlockRestoration.None
                    ? DiagnosticDescriptors.PrunedWithoutTraining
                    : DiagnosticDescriptors.RestoredWithoutTraining,
                source,
                FormattableString.Invariant($"{outcome.Layers.Count} layers pruned to {string.Join(", ", rates.Select(Figures.Percent))}, ")
                    + $"outputs {Figures.Percent(difference.RelativeError)} off and the same class for "
                    + $"{Figures.Percent(difference.SameClass)} of {difference.Inputs}",
                restoration == BlockRestoration.None ? "training at this sparsity before use" : "a look at its accuracy before use",
                restoration == BlockRestoration.None ? "Restore it with --restore moments." : "See docs/compression.md."
            )
        );
    }

    private void Print(
        CommandContext context,
        string target,
        Model packed,
        BlockOutcome outcome,
        BlockRestoration restoration,
        OutputDifference difference,
        AccuracyChange? accuracy
    )
    {
        var cost = LayerCost.Total(packed.Graph);
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    subp = target,
                    weights = BundleFile.WeightsPath(target),
                    restoration,
                    layers = outcome.Layers,
                    difference,
                    accuracy,
                    cost.DenseMacs,
                    cost.KeptMacs,
                    cost.DenseWeights,
                    cost.KeptWeights,
                }
            );
            return;
        }

        var table = new TextTable("layer", ">kept channels per group", ">predicted error");
        foreach (var layer in outcome.Layers)
            table.Add(
                layer.Layer,
                FormattableString.Invariant($"{layer.Kept} of {layer.InputChannels}"),
                layer.PredictedError is { } error ? Figures.Percent(error) : "unknown"
            );
        table.Write(context.Out);
        context.Out.WriteLine(
            $"{target}: {Figures.Short(cost.KeptWeights)} of {Figures.Short(cost.DenseWeights)} weights, {Figures.Short(cost.KeptMacs)} of "
                + $"{Figures.Short(cost.DenseMacs)} multiply-adds kept{(accuracy is null ? "" : "; " + accuracy)}"
        );
    }
}
