using System.CommandLine;
using Subp.Cli.Files;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Core.Inspection;

namespace Subp.Cli.Commands;

/// <summary>Turns an ONNX file into a packed bundle: batch normalisation folded, block patterns found.</summary>
internal sealed class ImportCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "The .onnx file." };
    private readonly Option<string?> _output = CommonOptions.Output("The .subp file to write; the weights go beside it. Default: the name of the source.");
    private readonly Option<bool> _force = CommonOptions.Force();
    private readonly OnnxOptionSet _onnx;

    /// <summary>Creates the verb.</summary>
    public ImportCommand()
        : base("import", "Turn an ONNX file into a packed bundle, model.subp and model.safetensors.")
    {
        Add(_source);
        Add(_output);
        Add(_force);
        _onnx = new OnnxOptionSet().AddTo(this);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("subp import model.onnx", "writes model.subp and model.safetensors beside it"),
        ("subp import model.onnx --batch 8 --dim height=224 --dim width=224 -o out/model.subp", "open dimensions are fixed at import"),
    ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) != ModelKind.Onnx)
            throw ModelKinds.Unknown(source, Path.GetExtension(source), "a file that ends in .onnx");
        var target = arguments.GetValue(_output) ?? Path.ChangeExtension(source, ".subp");
        using var outputs = new OutputSet(arguments.GetValue(_force));
        var model = NetworkFile.Read(source, onnx: _onnx.Read(arguments),
            observer: (pass, graph, changed) => context.Detail($"{pass}: {(changed ? "changed" : "unchanged")}, {graph.Nodes.Count} nodes"));
        context.Cancellation.ThrowIfCancellationRequested();
        BundleFile.Write(outputs, target, model);
        outputs.Commit();

        var cost = LayerCost.Total(model.Graph);
        var patterns = model.Graph.Parameters.Count(parameter => parameter.Pattern is not null);
        if (context.Json)
            JsonOutput.Write(context.Out, Name, new
            {
                subp = target,
                weights = BundleFile.WeightsPath(target),
                nodes = model.Graph.Nodes.Count,
                blockSparseWeights = patterns,
                cost.DenseMacs,
                cost.KeptMacs,
                cost.DenseWeights,
                cost.KeptWeights,
            });
        else
            context.Out.WriteLine($"{target}: {model.Graph.Nodes.Count} nodes, {patterns} block-sparse weights, {Figures.Percent(cost.Sparsity)} of "
                + $"{Figures.Short(cost.DenseWeights)} weights pruned, {Figures.Short(cost.KeptMacs)} of {Figures.Short(cost.DenseMacs)} multiply-adds kept");
        return 0;
    }
}
