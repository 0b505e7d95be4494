using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Compiler.Planning.Costs;
using Subp.Compression.Blocks;
using Subp.Compression.Channels;
using Subp.Compression.Precision;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Tooling.Inspection;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;

namespace Subp.Cli.Commands;

/// <summary>
/// Makes a finished network smaller at once, by channels, 1xN blocks and bits, and restores it in closed form, without training.
/// </summary>
internal sealed class CompressCommand : SubpCommand
{
    // What --pareto tries.
    private static readonly double[] s_sparsities = [0.25, 0.5, 0.625, 0.75];

    private readonly Option<double> _channels = new Option<double>("--channels")
    {
        Description = "Remove this share of channels first, as subp shrink does inside residual blocks. Default: 0.",
        HelpName = "share",
    }.Share(withOne: false);
    private readonly Option<string?> _report = new("--report")
    {
        Description =
            "Write a page: size, multiply-adds, predicted and measured time before and after, and what is lost. Compiles both networks.",
        HelpName = "path.html",
    };
    private readonly Option<bool> _pareto = new("--pareto")
    {
        Description = "With --report: also compress to 25, 50, 62.5 and 75 % of blocks, and draw error against predicted time.",
    };
    private readonly FinishedNetworkOptionSet _files;
    private readonly RestoreOptionSet _restore;
    private readonly DistillOption _distill = new();
    private readonly PruneOptionSet _prune;
    private readonly BitsOptionSet _bits;

    /// <summary>Creates the verb.</summary>
    public CompressCommand()
        : base(
            "compress",
            "Make a finished network smaller at once, by channels, uniform 1xN blocks and bits, and restore it in closed form, without "
                + "training."
        )
    {
        _files = new FinishedNetworkOptionSet("compressed").AddSource(this);
        Add(_channels);
        _restore = new RestoreOptionSet("Default: noise where no inputs are given and the network is small, else moments.").AddTo(this);
        _distill.AddTo(this);
        _prune = new PruneOptionSet(withCriterion: false).AddTo(this);
        _bits = new BitsOptionSet().AddTo(this);
        Add(_report);
        Add(_pareto);
        _files.AddResult(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp compress model.onnx --sparsity 0.5", "half of all 1x16 blocks, no data"),
            ("subp compress runs/dense --sparsity 0.5 --calibration data/fashion-mnist --eval", "with 250 images, labels unused"),
            (
                "subp compress runs/dense --sparsity 0.75 --calibration synthetic --distill 200",
                "no data: images are made from the network, and what is left learns its answers to them"
            ),
            ("subp compress resnet18.pth --sparsity 0.5 --calibration images.npy -o half.subp", "inputs as numpy.save writes them"),
            (
                "subp compress model.onnx --channels 0.3 --sparsity 0.5 --bits 6 --report report.html --pareto",
                "channels, blocks and bits, with a page of what was gained and lost"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = _files.Source(arguments);
        using var outputs = _files.Open(arguments);
        var reportPath = arguments.GetValue(_report);
        if (reportPath is not null)
            outputs.RequireFree(reportPath);
        else if (arguments.GetValue(_pareto))
            throw new SubpException(DiagnosticDescriptors.Usage, "--pareto", "no --report", "the page that it goes on");
        var original = _files.Read(arguments);
        var blocks = _prune.ReadAll(arguments, original.Graph);
        var removes = CompressedNetwork.HasBlocks(blocks) || arguments.GetValue(_channels) > 0;
        if (!removes)
            RefuseWithoutEffect(arguments);
        var (restoration, calibration) = _restore.Read(arguments, original, context);
        var (bits, compensation) = _bits.Read(arguments);
        var asksStatistics =
            (removes && restoration != BlockRestoration.None)
            || (bits is not null && compensation is PrecisionCompensation.BatchNorm or PrecisionCompensation.Moments);
        if (asksStatistics && calibration is null)
            NormCheck.Require(original, source, context);
        if (bits is not null && calibration is not null && compensation is PrecisionCompensation.DfMpc or PrecisionCompensation.Udfc)
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--compensate",
                "--calibration beside it",
                "one of the two, since what the layer behind reads was made for normalisations as they were",
                "Use --compensate bn or moments with inputs."
            );
        var atOnce = bits is not null && compensation == PrecisionCompensation.Udfc && !CompressedNetwork.HasBlocks(blocks);
        var distillation = _distill.Read(arguments, original, calibration);
        var plan = new CompressionPlan(
            Channels(arguments.GetValue(_channels), restoration, atOnce),
            blocks,
            restoration,
            bits,
            compensation,
            calibration
        )
        {
            Distillation = distillation,
        };
        var result = CompressedNetwork.Create(original, plan, source, context);
        if (result is { Groups.Count: 0, Layers.Count: 0, Bits: null })
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--sparsity 0",
                "nothing else to do",
                "blocks, --channels or --bits to remove"
            );
        var difference = FinishedNetworkOptionSet.Compare(original, result.Packed, calibration, context);
        result.Report(plan, calibration, difference, source, context);
        var accuracy = _files.Accuracy(arguments, original, result.Packed, context);
        if (reportPath is not null)
            outputs.WriteFile(
                reportPath,
                Page(source, original, plan, calibration, result, difference, accuracy, arguments.GetValue(_pareto), context).Write()
            );
        _files.Write(arguments, outputs, result.Unfolded, result.Packed);
        Print(context, _files.Target(arguments), plan, result, difference, accuracy);
        return 0;
    }

    // What is done about blocks and channels changes nothing where they stay.
    private void RefuseWithoutEffect(ParseResult arguments)
    {
        if (!_restore.IsNamed(arguments) && !_distill.IsGiven(arguments))
            return;
        throw new SubpException(
            DiagnosticDescriptors.Usage,
            _restore.IsNamed(arguments) ? _restore.Name : _distill.Name,
            "no blocks or channels that go",
            "--sparsity or --channels above 0",
            "What --bits loses is restored by --compensate."
        );
    }

    // Channels are restored as blocks are, as far as there is a word for it, or at once with bits.
    private static ChannelOptions? Channels(double share, BlockRestoration restoration, bool atOnce)
    {
        if (share == 0)
            return null;
        var own = restoration switch
        {
            _ when atOnce => ChannelRestoration.Udfc,
            BlockRestoration.None => ChannelRestoration.None,
            BlockRestoration.BatchNorm => ChannelRestoration.BatchNorm,
            _ => ChannelRestoration.Moments,
        };
        return new ChannelOptions
        {
            Ratio = share,
            Restoration = own,
            Criterion = CompressionWords.Usual(own),
        };
    }

    private static CompressionReport Page(
        string source,
        Model original,
        CompressionPlan plan,
        CalibrationSet? calibration,
        CompressedNetwork result,
        OutputDifference difference,
        AccuracyChange? accuracy,
        bool withOthers,
        CommandContext context
    )
    {
        var prediction = TimePrediction.OfThisProcessor(MachineDescription.Standard, null);
        var (before, after) = CompressionFigures.Of(original, result, prediction, context);
        var others = new List<ParetoPoint>();
        foreach (var sparsity in withOthers ? s_sparsities : [])
        {
            var other = CompressedNetwork.Create(
                original,
                plan with
                {
                    Blocks = plan.Blocks with { Sparsity = sparsity },
                },
                source,
                context
            );
            others.Add(
                new(
                    Figures.Percent(sparsity),
                    CompressionFigures.Predict(other.Packed, prediction),
                    FinishedNetworkOptionSet.Compare(original, other.Packed, calibration, context).RelativeError,
                    other.Bytes
                )
            );
        }

        List<OutputDifference> differences = [difference];
        if (plan.Calibration is not null)
            differences.Add(FinishedNetworkOptionSet.Compare(original, result.Packed, null, context));
        var restoration =
            plan.Restoration.ToString().ToLowerInvariant()
            + (result.Distillation > 0 ? FormattableString.Invariant($", {result.Distillation} passes of distillation") : "");
        return new(source, result, restoration, before, after, differences, accuracy, others);
    }

    private void Print(
        CommandContext context,
        string target,
        CompressionPlan plan,
        CompressedNetwork result,
        OutputDifference difference,
        AccuracyChange? accuracy
    )
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
                    plan.Restoration,
                    result.Distillation,
                    groups = result.Groups,
                    result.NotRestored,
                    layers = result.Layers,
                    bits = result.Bits,
                    result.Bytes,
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

        if (result.Groups.Count > 0)
            ChannelTable.Write(context.Out, result.Groups, result.NotRestored);
        var table = new TextTable("layer", ">kept channels per group", ">predicted error");
        foreach (var layer in result.Layers)
            table.Add(
                layer.Layer,
                FormattableString.Invariant($"{layer.Kept} of {layer.InputChannels}"),
                layer.PredictedError is { } error ? Figures.Percent(error) : "unknown"
            );
        if (result.Layers.Count > 0)
            table.Write(context.Out);
        context.Out.WriteLine(
            $"{target}: {Figures.Short(cost.KeptWeights)} of {Figures.Short(cost.DenseWeights)} weights, {Figures.Short(cost.KeptMacs)} of "
                + $"{Figures.Short(cost.DenseMacs)} multiply-adds kept, "
                + $"{Figures.Bytes(result.Bytes)}{(accuracy is null ? "" : "; " + accuracy)}"
        );
    }
}
