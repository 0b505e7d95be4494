using System.CommandLine;
using Subp.Cli.Compression;
using Subp.Cli.Terminal;
using Subp.Compiler.Packing;
using Subp.Compression.Blocks;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Training.Interchange.Networks;
using Subp.Training.Pruning;

namespace Subp.Cli.Commands;

/// <summary>
/// Turns an ONNX file, or weights of PyTorch, into a packed bundle: batch normalisation folded, block patterns found or, on request,
/// pruned.
/// </summary>
internal sealed class ImportCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model")
    {
        Description = "The .onnx file, or weights that PyTorch saved: .pth, .pt, .pth.tar or .safetensors.",
    };
    private readonly Option<string?> _network = new("--model", "-m")
    {
        Description = "PyTorch only: the network that the weights belong to. Default: the one that has exactly their names.",
    };
    private readonly Option<string?> _output = CommonOptions.Output(
        "The .subp file to write; the weights go beside it. Default: the name of the source."
    );
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly OnnxOptionSet _onnx;
    private readonly NormalizeOption _normalize;
    private readonly PruneOptionSet _prune;
    private readonly RestoreOptionSet _restore;

    /// <summary>Creates the verb.</summary>
    public ImportCommand()
        : base(
            "import",
            "Turn an ONNX file or weights of PyTorch into a packed bundle, model.subp and model.safetensors; on request prune it, to "
                + "see how "
                + "fast it would be."
        )
    {
        _network.AcceptOnlyFromAmong([.. NetworkRecognition.Networks]);
        Add(_source);
        Add(_network);
        Add(_output);
        Add(_force);
        _onnx = new OnnxOptionSet().AlsoForPyTorch().AlsoForCutting().AddTo(this);
        _normalize = new NormalizeOption().AddTo(this);
        _prune = new PruneOptionSet().AddTo(this);
        _restore = new RestoreOptionSet("Default: nothing is done, unless --calibration is given.").AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp import model.onnx", "writes model.subp and model.safetensors beside it"),
            ("subp import model.onnx --batch 8 --dim height=224 --dim width=224 -o out/model.subp", "open dimensions are fixed at import"),
            (
                "subp import model.onnx --block-length 16 --sparsity 0.75 -o fast.subp",
                "prunes at once, for exploring speed: the accuracy needs training"
            ),
            (
                "subp import model.onnx --block-length 16 --exclude 'layer1*' --layer-sparsity 'layer4*=0.9'",
                "layers by name; subp inspect prints the names"
            ),
            (
                "subp import model.onnx --sparsity 0.5 --restore moments --calibration images.npy -o half.subp",
                "prunes and restores, as subp compress does"
            ),
            ("subp import resnet18.pth -o resnet18.subp", "weights of torchvision, or of the SUBP authors with their masks"),
            (
                "subp import weights.pth --model cifar-resnet20 --dim height=64 --dim width=64",
                "weights alone do not say the size of images"
            ),
            ("subp import resnet50.onnx --preset resnet50-98.5/128", "the layers and the rate of a published network"),
            ("subp import resnet50.onnx --normalize imagenet", "also says how the network wants its pixels"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var isState = StateDictionaryNetwork.IsOne(source);
        if (!isState && ModelKinds.Of(source) != ModelKind.Onnx)
            throw ModelKinds.Unknown(source, Path.GetExtension(source), $"a file that ends in .onnx, {StateDictionaryNetwork.Endings}");
        var network = arguments.GetValue(_network);
        if (!isState && network is not null)
            throw new SubpException(DiagnosticDescriptors.Usage, "--model", $"a network for {source}", "one for weights of PyTorch only");
        var target = Target(source, arguments.GetValue(_output), isState);
        using var outputs = new OutputSet(arguments.GetValue(_force));
        Graph? patterned = null;
        void Observe(string pass, Graph graph, bool changed)
        {
            context.Detail($"{pass}: {(changed ? "changed" : "unchanged")}, {graph.Nodes.Count} nodes");
            if (pass == FindBlocks.PassName)
                patterned = graph;
        }

        if (_restore.IsGiven(arguments))
        {
            WriteRestored(arguments, context, source, network, target, outputs);
            return 0;
        }

        var model = isState
            ? StateDictionaryNetwork.Read(source, network, _onnx.Read(arguments), Observe)
            : NetworkFile.Read(source, onnx: _onnx.Read(arguments), observer: Observe);
        model = _normalize.Apply(arguments, model);
        if (patterned is not null)
            WidenedBlocks.Between(patterned, model.Graph).ReportFound(context, source);
        context.Cancellation.ThrowIfCancellationRequested();
        var options = _prune.Read(arguments, model.Graph);
        var pruned = options is null ? null : PrunedNetwork.Create(model, options, source, context);
        model = pruned?.Model ?? model;
        context.Cancellation.ThrowIfCancellationRequested();
        BundleFile.Write(outputs, target, model);
        outputs.Commit();

        Print(context, target, model, pruned?.Layers, options, needsTraining: true);
        return 0;
    }

    // Restoring needs the batch normalisations, which the usual way of import folds at once.
    private void WriteRestored(
        ParseResult arguments,
        CommandContext context,
        string source,
        string? network,
        string target,
        OutputSet outputs
    )
    {
        var original = _normalize.Apply(arguments, UnfoldedNetwork.Read(source, network, _onnx.Read(arguments)));
        var options = _prune.ReadAll(arguments, original.Graph);
        if (options.Rearrange)
            throw new SubpException(DiagnosticDescriptors.Usage, "--rearrange", "--restore beside it", "one of the two");
        if (_prune.NamesCriterion(arguments))
            throw new SubpException(
                DiagnosticDescriptors.Usage,
                "--criterion",
                "--restore or --calibration beside it",
                "one of the two",
                "What restores chooses blocks by itself: by magnitude with none and bn, by what others explain with moments and noise."
            );
        var (restoration, calibration) = _restore.Read(arguments, original, context);
        if (restoration != BlockRestoration.None && calibration is null)
            NormCheck.Require(original, source, context);
        var plan = new CompressionPlan(null, options, restoration, null, default, calibration);
        var result = CompressedNetwork.Create(original, plan, source, context);
        var difference = FinishedNetworkOptionSet.Compare(original, result.Packed, calibration, context);
        result.Report(plan, calibration, difference, source, context);
        BundleFile.Write(outputs, target, result.Packed);
        outputs.Commit();
        Print(context, target, result.Packed, result.Decisions, options, needsTraining: restoration == BlockRestoration.None);
    }

    private void Print(
        CommandContext context,
        string target,
        Model model,
        IReadOnlyList<LayerDecision>? layers,
        PruneOptions? options,
        bool needsTraining
    )
    {
        var cost = LayerCost.Total(model.Graph);
        var patterns = model.Graph.Parameters.Count(parameter => parameter.Pattern is not null);
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    subp = target,
                    weights = BundleFile.WeightsPath(target),
                    nodes = model.Graph.Nodes.Count,
                    blockSparseWeights = patterns,
                    cost.DenseMacs,
                    cost.KeptMacs,
                    cost.DenseWeights,
                    cost.KeptWeights,
                    pruning = layers is null
                        ? null
                        : new
                        {
                            options!.BlockLength,
                            criterion = options.Criterion.ToString().ToLowerInvariant(),
                            needsTraining,
                            layers = layers.Select(layer => new
                            {
                                name = layer.Node,
                                keptPerGroup = layer.Grid is null ? (int?)null : layer.Counts.Kept,
                                inputChannels = layer.Grid?.InputChannels,
                                // What is stored, which kernels of other lengths than the one asked for may have changed.
                                storedBlockLength = model.Graph.FindParameter(layer.Weight)?.Pattern?.BlockLength,
                                storedBlocks = model.Graph.FindParameter(layer.Weight)?.Pattern?.KeptBlocks,
                                layer.DenseReason,
                            }),
                        },
                }
            );
        else
            context.Out.WriteLine(
                $"{target}: {model.Graph.Nodes.Count} nodes, {patterns} block-sparse weights, {Figures.Percent(cost.Sparsity)} of "
                    + $"{Figures.Short(cost.DenseWeights)} weights pruned, {Figures.Short(cost.KeptMacs)} of "
                    + $"{Figures.Short(cost.DenseMacs)} multiply-adds kept"
            );
    }

    // The bundle's weights end in .safetensors as well: beside weights of that ending the bundle needs a name of its own.
    private static string Target(string source, string? output, bool isState)
    {
        var target = output ?? (isState ? StateDictionaryNetwork.Stem(source) + ".subp" : Path.ChangeExtension(source, ".subp"));
        SourceFiles.RequireKept(source, target);
        return target;
    }
}
