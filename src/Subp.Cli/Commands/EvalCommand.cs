using System.CommandLine;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Models;
using Subp.Tooling.Text;
using Subp.Tooling.Verification;

namespace Subp.Cli.Commands;

/// <summary>The accuracy of a network on test images, by compiled code.</summary>
internal sealed class EvalCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model")
    {
        Description = "A .subp file, a folder with model.subp, an .onnx file or a compiled .dll.",
    };
    private readonly Option<bool> _interpreter = new("--interpreter")
    {
        Description = "Let the reference interpreter compute a network that is not compiled: slow, and the definition of what is right.",
    };
    private readonly InputOptionSet _inputs;

    /// <summary>Creates the verb.</summary>
    public EvalCommand()
        : base("eval", "Measure the accuracy of a network, compiled in memory, or of a compiled model.")
    {
        Add(_source);
        Add(_interpreter);
        _inputs = new InputOptionSet().AddTo(this, withRandom: false);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp eval runs/sparse/model.subp", "by the code that it is compiled to"),
            ("subp eval model.onnx --interpreter --images 100", "by the reference interpreter, on the first 100 images"),
            ("subp eval out/FashionResnet8.dll --images 500", "by the compiled code, on the first 500 images"),
        ];

    /// <inheritdoc/>
    public override int Execute(ParseResult arguments, CommandContext context)
    {
        var source = arguments.GetRequiredValue(_source);
        var (accuracy, images, by) =
            ModelKinds.Of(source) == ModelKind.Assembly
                ? OfAssembly(arguments, context, source)
                : OfNetwork(arguments, context, NetworkFile.Read(source));
        if (context.Json)
            JsonOutput.Write(
                context.Out,
                Name,
                new
                {
                    model = source,
                    by,
                    images,
                    accuracy,
                }
            );
        else
            context.Out.WriteLine($"{source}: {Figures.Percent(accuracy, 2)} of {Figures.Count(images)} images, by {by}");
        return 0;
    }

    private (double Accuracy, int Images, string By) OfNetwork(ParseResult arguments, CommandContext context, Model model)
    {
        var images = _inputs.ReadImages(
            arguments,
            RunnableModel.ImageShape(model.Graph),
            model.Graph.Metadata,
            RunnableModel.TakesBytes(model.Graph)
        );
        if (!arguments.GetValue(_interpreter))
            return Words(CompiledAccuracy.Of(model, images, context));
        var outputs = model.Graph.Outputs;
        CompiledAccuracy.RequireClasses(outputs.Count, outputs.Sum(name => model.Graph.ShapeOf(name).ElementCount), images.Batch);
        double accuracy = 0;
        context.WithProgress(
            ReferenceOutputs.Interpreter,
            progress => accuracy = ReferenceOutputs.Compute(model, images, progress, context.Cancellation).Accuracy()
        );
        return (accuracy, images.Count * images.Batch, $"the {ReferenceOutputs.Interpreter}");
    }

    private (double Accuracy, int Images, string By) OfAssembly(ParseResult arguments, CommandContext context, string source)
    {
        if (arguments.GetValue(_interpreter))
            throw new SubpException(DiagnosticDescriptors.Usage, source, "--interpreter with compiled code", "a .subp or .onnx file");
        using var model = LoadedModel.Load(source);
        var images = _inputs.ReadImages(
            arguments,
            RunnableModel.ImageShape(model),
            RunnableModel.Metadata(model),
            RunnableModel.TakesBytes(model)
        );
        return Words(CompiledAccuracy.Of(model, threads: 0, images, context));
    }

    private static (double Accuracy, int Images, string By) Words(CompiledAccuracy accuracy) =>
        (accuracy.Share, accuracy.Images, $"{accuracy.InstructionSet.ToString().ToLowerInvariant()} code");
}
