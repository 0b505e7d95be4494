using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Compression.Channels;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Inspection;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;
using Subp.Training.Sparsification;

namespace Subp.Cli.Commands;

/// <summary>Removes channels of a finished network in place and restores it in closed form, without training.</summary>
internal sealed class ShrinkCommand : SubpCommand
{
    private readonly Option<double?> _ratio = new Option<double?>("--ratio")
    {
        Description = "The share of channels that every group loses at least. Default: 0.3.",
        HelpName = "share",
    }.Share(withOne: false);
    private readonly Option<double?> _macs = new Option<double?>("--macs")
    {
        Description = "The share of multiply-adds that may be left, in place of --ratio: the smallest ratio that reaches it is taken.",
        HelpName = "share",
    }.Share(withOne: false);
    private readonly Option<Amount?> _size = Amount.Option(
        "--size",
        "The bytes of all weights that may be left, for example 5MB, in place of --ratio.",
        ("MB", 1e6),
        ("kB", 1e3),
        ("B", 1)
    );
    private readonly LatencyOptionSet _latency = new(
        "The predicted time of one thread that may be left, for example 4ms, in place of --ratio: by the cost model that kernels are "
            + "chosen with, at --peak."
    );
    private readonly MachineOption _machine = new();
    private readonly Option<bool> _global = new("--global")
    {
        Description =
            "Count the share over all groups together, so that it goes where the criterion says it costs least; no group loses more than "
            + "four fifths.",
    };
    private readonly Option<int> _multiple = new Option<int>("--multiple")
    {
        Description = "Kept channels are a multiple of this, in smaller layers of 8, 4 or 2: kernels compute 16 channels at once.",
        HelpName = "n",
        DefaultValueFactory = _ => 16,
    }.AtLeast(1, 1024);
    private readonly Option<bool> _shared = new("--shared")
    {
        Description = "Take along channels that several layers add to, as in the sums of residual blocks.",
    };
    private readonly Option<string?> _criterion = new("--criterion")
    {
        Description =
            "Which channels go: unexplained-variance, l1, l2, gamma, geometric-median, random, or taylor, which needs --calibration. "
            + "Default: unexplained-variance where moments restore, else l1.",
        HelpName = "criterion",
    };
    private readonly Option<string> _restore = new("--restore")
    {
        Description =
            "What is done in the layers that read them: none; bn, new statistics; merge (neuron merging); udfc (UDFC); or moments.",
        DefaultValueFactory = _ => "moments",
    };
    private readonly Option<string[]> _include = new("--include")
    {
        Description = "Names of layers whose channels may go, * allowed. May be repeated. Default: all.",
        HelpName = "glob",
    };
    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Names of layers that keep their channels, * allowed. May be repeated.",
        HelpName = "glob",
    };
    private readonly FinishedNetworkOptionSet _files;
    private readonly CalibrationOptionSet _calibration;
    private readonly DistillOption _distill = new();

    /// <summary>Creates the verb.</summary>
    public ShrinkCommand()
        : base("shrink", "Remove channels of a finished network in place and restore it in closed form, without training.")
    {
        _restore.AcceptOnlyFromAmong([.. CompressionWords.Channels.Keys]);
        _criterion.AcceptOnlyFromAmong([.. CompressionWords.Criteria.Keys]);
        _files = new FinishedNetworkOptionSet("shrunk").AddSource(this);
        Option[] options = [_ratio, _macs, _size, _global, _multiple, _shared, _criterion, _restore, _include, _exclude];
        foreach (var option in options)
            Add(option);
        _latency.AddTo(this);
        _machine.AddTo(this);
        _calibration = new CalibrationOptionSet().AddTo(this);
        _distill.AddTo(this);
        _files.AddResult(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp shrink resnet18.pth --ratio 0.3", "three tenths of the channels inside residual blocks, no data"),
            ("subp shrink model.onnx --latency 4ms --global", "to a predicted time on this machine, where it costs least"),
            ("subp shrink model.onnx --macs 0.5 --shared --calibration images.npy", "half the work, channels of sums included"),
            (
                "subp shrink runs/dense --ratio 0.5 --keep-batch-norm -o small.subp && subp compress small.subp --sparsity 0.5",
                "channels first, blocks after them"
            ),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        _latency.RequireEffect(arguments);
        if (_machine.IsGiven(arguments) && _latency.Budget(arguments) is null)
            throw new SubpException(DiagnosticDescriptors.Usage, "--machine", "no --latency", "both");
        var source = _files.Source(arguments);
        using var outputs = _files.Open(arguments);
        var original = _files.Read(arguments);
        var calibration = _calibration.Read(arguments, original, context);
        var distillation = _distill.Read(arguments, original, calibration);
        var options = Wanted(arguments, original, calibration, context);
        if (options.Restoration is ChannelRestoration.BatchNorm or ChannelRestoration.Moments && calibration is null)
            NormCheck.Require(original, source, context);

        var outcome = ChannelCompression.Shrink(original, options, calibration, context.Cancellation);
        var isSmaller = outcome.Groups.Any(group => group.After < group.Before);
        var distilled = DistilledNetwork.Create(outcome.Model, original, isSmaller, calibration, distillation, context);
        outcome = outcome with { Model = distilled.Model };
        var packed = PassPipeline.Pack(outcome.Model);
        var difference = FinishedNetworkOptionSet.Compare(original, packed, calibration, context);
        var accuracy = _files.Accuracy(arguments, original, packed, context);
        _files.Write(arguments, outputs, outcome.Model, packed);
        context.Report(
            new Diagnostic(
                DiagnosticDescriptors.ShrunkAfterTraining,
                source,
                string.Join(
                    ", ",
                    [
                        .. DistilledNetwork.Sentence(distilled.Passes),
                        $"outputs {Figures.Percent(difference.RelativeError)} off and the same class for "
                            + $"{Figures.Percent(difference.SameClass)} of {difference.Inputs}",
                    ]
                ),
                "a look at its accuracy before use",
                SyntheticCalibration.Advice(calibration)
            )
        );
        Print(
            context,
            _files.Target(arguments),
            LayerCost.Total(original.Graph),
            LayerCost.Total(packed.Graph),
            outcome,
            distilled.Passes,
            difference,
            accuracy
        );
        return 0;
    }

    private ChannelOptions Wanted(ParseResult arguments, Model original, IReadOnlyList<float[]>? calibration, CommandContext context)
    {
        var graph = original.Graph;
        string[] include = arguments.GetValue(_include) ?? [],
            exclude = arguments.GetValue(_exclude) ?? [],
            names = [.. graph.Nodes.Where(node => node.Operator is Conv2d or Linear).Select(node => node.Name)];
        LayerNames.RequireKnown("--include", include, names);
        LayerNames.RequireKnown("--exclude", exclude, names);
        Option[] given =
        [
            .. new Option[] { _ratio, _macs, _size, _latency.Option }.Where(option => arguments.GetResult(option) is not null),
        ];
        if (given.Length > 1)
            throw new SubpException(DiagnosticDescriptors.Usage, given[0].Name, $"{given[1].Name} beside it", "one of the two");
        var restoration = CompressionWords.Channels[arguments.GetValue(_restore)!];
        var options = new ChannelOptions
        {
            Multiple = arguments.GetValue(_multiple),
            Shared = arguments.GetValue(_shared),
            Restoration = restoration,
            Criterion = arguments.GetValue(_criterion) is { } criterion
                ? CompressionWords.Criteria[criterion]
                : CompressionWords.Usual(restoration),
            MayShrink = layer => (include.Length == 0 || LayerNames.Matches(include, layer)) && !LayerNames.Matches(exclude, layer),
        };
        options = arguments.GetValue(_ratio) is { } share ? options with { Ratio = share } : options;
        if (options.Criterion == ChannelCriterion.Taylor)
            options = options with
            {
                TaylorScores = TaylorScores.Measure(
                    original,
                    calibration
                        ?? throw new SubpException(
                            DiagnosticDescriptors.Usage,
                            "--criterion taylor",
                            "no --calibration",
                            "inputs to measure gradients of the loss on"
                        ),
                    context.Cancellation
                ),
            };
        if (arguments.GetValue(_global))
            options = options with { Ranking = ChannelRanking.Of(original, options, calibration, context.Cancellation) };
        return Budget(arguments, graph)?.Reach(original, options) ?? options;
    }

    private ShrinkBudget? Budget(ParseResult arguments, Graph graph)
    {
        if (arguments.GetValue(_macs) is { } macs)
            return ShrinkBudget.Macs(graph, macs);
        if (arguments.GetValue(_size) is { } size)
            return ShrinkBudget.Size(size);
        if (_latency.Budget(arguments) is not { } latency)
            return null;
        var machine = _machine.Read(arguments);
        return ShrinkBudget.Latency(
            latency,
            new CompileOptions { Machine = machine },
            TimePrediction.OfThisProcessor(machine, _latency.Peak(arguments))
        );
    }

    private void Print(
        CommandContext context,
        string target,
        LayerCost before,
        LayerCost after,
        ChannelOutcome outcome,
        int distillation,
        OutputDifference difference,
        AccuracyChange? accuracy
    )
    {
        if (context.Json)
        {
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    subp = target,
                    weights = BundleFile.WeightsPath(target),
                    distillation,
                    groups = outcome.Groups,
                    outcome.NotRestored,
                    difference,
                    accuracy,
                    weightsBefore = before.DenseWeights,
                    weightsAfter = after.DenseWeights,
                    macsBefore = before.DenseMacs,
                    macsAfter = after.DenseMacs,
                }
            );
            return;
        }

        ChannelTable.Write(context.Out, outcome.Groups, outcome.NotRestored);
        context.Out.WriteLine(
            $"{target}: {Figures.Short(after.DenseWeights)} of {Figures.Short(before.DenseWeights)} weights, "
                + $"{Figures.Short(after.DenseMacs)} of {Figures.Short(before.DenseMacs)} multiply-adds"
                + (accuracy is null ? "" : "; " + accuracy)
        );
    }
}
