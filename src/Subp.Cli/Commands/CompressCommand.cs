using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Core.Inspection;

namespace Subp.Cli.Commands;

/// <summary>Removes 1xN blocks of a finished network at once and restores it in closed form, without training.</summary>
internal sealed class CompressCommand : SubpCommand
{
    private readonly FinishedNetworkOptionSet _files;
    private readonly RestoreOptionSet _restore;
    private readonly PruneOptionSet _prune;

    /// <summary>Creates the verb.</summary>
    public CompressCommand()
        : base("compress", "Make a finished network uniformly 1xN block-sparse at once and restore it in closed form, without training.")
    {
        _files = new FinishedNetworkOptionSet("compressed").AddSource(this);
        _restore = new RestoreOptionSet("Default: noise where no inputs are given and the network is small, else moments.").AddTo(this);
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
        var (restoration, calibration) = _restore.Read(arguments, original.Graph);
        var result = RestoredBlocks.Create(original, options, restoration, calibration, source, context);
        var accuracy = _files.Accuracy(arguments, original, result.Packed, context);
        _files.Write(arguments, outputs, result.Outcome.Model, result.Packed);
        Print(context, _files.Target(arguments), result, accuracy);
        return 0;
    }

    private void Print(CommandContext context, string target, RestoredBlocks result, AccuracyChange? accuracy)
    {
        var cost = LayerCost.Total(result.Packed.Graph);
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    subp = target,
                    weights = BundleFile.WeightsPath(target),
                    result.Restoration,
                    layers = result.Outcome.Layers,
                    result.Difference,
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
        foreach (var layer in result.Outcome.Layers)
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
