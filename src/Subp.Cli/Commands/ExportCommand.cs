using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Onnx;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Training.Interchange;
using Subp.Training.Interchange.StateDict;

namespace Subp.Cli.Commands;

/// <summary>Writes a bundle as an ONNX file or as weights for PyTorch; pruned weights are zeros in it.</summary>
internal sealed class ExportCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "The .subp file, or a folder with model.subp." };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The .safetensors file. Default: the one beside the .subp file.",
        HelpName = "path",
    };
    private readonly Option<ExportFormat> _format = new("--format")
    {
        Description =
            "onnx (opset 17), or weights of a network of the zoo under the names of PyTorch: pth, which torch.load(weights_only=True) "
            + "reads, "
            + "or safetensors.",
        DefaultValueFactory = _ => ExportFormat.Onnx,
    };
    private readonly Option<bool> _masks = new("--with-masks")
    {
        Description = "pth and safetensors only: a mask beside every block-sparse weight, as the SUBP authors' code saves them.",
    };
    private readonly Option<string?> _output = CommonOptions.Output(
        "The file to write. Default: the name of the source with .onnx, .pth or .state.safetensors."
    );
    private readonly Option<bool> _force = CommonOptions.Force();

    /// <summary>Creates the verb.</summary>
    public ExportCommand()
        : base("export", "Write a bundle as an ONNX file or as weights for PyTorch; pruned weights are zeros in it.")
    {
        Add(_source);
        Add(_weights);
        Add(_format);
        Add(_masks);
        Add(_output);
        Add(_force);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp export runs/sparse/model.subp", "writes runs/sparse/model.onnx"),
            ("subp export runs/sparse -o out/fashion.onnx --force", "a folder stands for its model.subp"),
            ("subp export runs/sparse --format pth", "writes runs/sparse/model.pth, for model.load_state_dict(torch.load(...))"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) != ModelKind.Bundle)
            throw ModelKinds.Unknown(source, Path.GetExtension(source), "a file that ends in .subp");
        var format = arguments.GetValue(_format);
        var withMasks = arguments.GetValue(_masks);
        if (withMasks && format == ExportFormat.Onnx)
            throw new SubpException(DiagnosticDescriptors.Usage, "--with-masks", "the format onnx", "pth or safetensors");
        var subp = BundleFile.SubpPath(source);
        var weights = arguments.GetValue(_weights);
        var target = Target(subp, weights ?? BundleFile.WeightsPath(subp), arguments.GetValue(_output), format);
        using var outputs = new OutputSet(arguments.GetValue(_force));
        var staged = outputs.StageFile(target);
        var model = BundleFile.Read(source, weights);
        long bytes;
        using (var file = File.Create(staged))
        {
            if (format == ExportFormat.Onnx)
                OnnxExporter.Export(model, file);
            else
                file.Write(
                    StateDictionaryFile.Write(
                        StateDictionaryExport.Tensors(model, withMasks),
                        format == ExportFormat.Pth ? StateDictionaryFormat.Pth : StateDictionaryFormat.Safetensors
                    )
                );
            bytes = file.Length;
        }

        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        if (!context.Json)
            context.Out.WriteLine($"{target}: {Figures.Bytes(bytes)}");
        else if (format == ExportFormat.Onnx)
            JsonOutput.Write(context.Out, Name, new { onnx = target, bytes });
        else
            JsonOutput.Write(context.Out, Name, new { state = target, bytes });
        return 0;
    }

    private static string Target(string subp, string weights, string? output, ExportFormat format)
    {
        var target =
            output
            ?? Path.ChangeExtension(
                subp,
                format switch
                {
                    ExportFormat.Onnx => ".onnx",
                    ExportFormat.Pth => ".pth",
                    _ => ".state.safetensors",
                }
            );
        return Path.GetFullPath(target) != Path.GetFullPath(weights)
            ? target
            : throw new SubpException(DiagnosticDescriptors.Usage, target, "the weights of the bundle itself", "another file");
    }
}

/// <summary>What a bundle is written as.</summary>
internal enum ExportFormat
{
    /// <summary>Structure and weights.</summary>
    Onnx,

    /// <summary>Weights, as torch.save writes them.</summary>
    Pth,

    /// <summary>Weights under the same names.</summary>
    Safetensors,
}
