using System.CommandLine;
using Subp.Cli.Files;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Onnx;

namespace Subp.Cli.Commands;

/// <summary>Writes a bundle as an ONNX file; pruned weights are zeros in it.</summary>
internal sealed class ExportCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model") { Description = "The .subp file, or a folder with model.subp." };
    private readonly Option<string?> _weights = new("--weights")
    {
        Description = "The .safetensors file. Default: the one beside the .subp file.",
        HelpName = "path",
    };
    private readonly Option<string?> _output = CommonOptions.Output("The .onnx file to write. Default: the name of the source.");
    private readonly Option<bool> _force = CommonOptions.Force();

    /// <summary>Creates the verb.</summary>
    public ExportCommand()
        : base("export", "Write a bundle as an ONNX file (opset 17); pruned weights are zeros in it.")
    {
        Add(_source);
        Add(_weights);
        Add(_output);
        Add(_force);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp export runs/sparse/model.subp", "writes runs/sparse/model.onnx"),
            ("subp export runs/sparse -o out/fashion.onnx --force", "a folder stands for its model.subp"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        if (ModelKinds.Of(source) != ModelKind.Bundle)
            throw ModelKinds.Unknown(source, Path.GetExtension(source), "a file that ends in .subp");
        var target = arguments.GetValue(_output) ?? Path.ChangeExtension(BundleFile.SubpPath(source), ".onnx");
        using var outputs = new OutputSet(arguments.GetValue(_force));
        var staged = outputs.StageFile(target);
        long bytes;
        using (var file = File.Create(staged))
        {
            OnnxExporter.Export(BundleFile.Read(source, arguments.GetValue(_weights)), file);
            bytes = file.Length;
        }

        context.Cancellation.ThrowIfCancellationRequested();
        outputs.Commit();
        if (context.Json)
            JsonOutput.Write(context.Out, Name, new { onnx = target, bytes });
        else
            context.Out.WriteLine($"{target}: {Figures.Bytes(bytes)}");
        return 0;
    }
}
