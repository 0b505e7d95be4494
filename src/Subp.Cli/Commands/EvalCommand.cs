using System.CommandLine;
using Subp.Cli.Models;
using Subp.Cli.Terminal;
using Subp.Cli.Verification;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Cli.Commands;

/// <summary>The accuracy of a network on test images: a bundle by the reference interpreter, a DLL by its own code.</summary>
internal sealed class EvalCommand : SubpCommand
{
    private readonly Argument<string> _source = new("model")
    {
        Description = "A .subp file, a folder with model.subp, an .onnx file or a compiled .dll.",
    };
    private readonly InputOptionSet _inputs;

    /// <summary>Creates the verb.</summary>
    public EvalCommand()
        : base("eval", "Measure the accuracy of a bundle (by the reference interpreter) or of a compiled model.")
    {
        Add(_source);
        _inputs = new InputOptionSet().AddTo(this, withRandom: false);
        Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("subp eval runs/sparse/model.subp", "by the reference interpreter"),
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
        var inputs = _inputs.ReadImages(
            arguments,
            model.Graph.Inputs[0].Shape,
            model.Graph.Metadata,
            RunnableModel.TakesBytes(model.Graph)
        );
        double accuracy = 0;
        context.WithProgress(
            "reference interpreter",
            progress => accuracy = ReferenceOutputs.Compute(model, inputs, progress, context.Cancellation).Accuracy()
        );
        return (accuracy, inputs.Count * inputs.Batch, "the reference interpreter");
    }

    private (double Accuracy, int Images, string By) OfAssembly(ParseResult arguments, CommandContext context, string source)
    {
        using var model = LoadedModel.Load(source);
        TensorShape shape = RunnableModel.InputShape(model);
        using var session = model.CreateSession();
        var inputs = _inputs.ReadImages(arguments, shape, RunnableModel.Metadata(model), session.TakesBytes);
        var output = new float[model.OutputLength];
        var classes = model.OutputLength / inputs.Batch;
        var correct = 0;
        for (var input = 0; input < inputs.Count; input++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            session.Run(inputs[input], output);
            for (var image = 0; image < inputs.Batch; image++)
                correct += ReferenceOutputs.ArgMax(output.AsSpan(image * classes, classes)) == inputs.Label(input, image) ? 1 : 0;
        }

        var images = inputs.Count * inputs.Batch;
        return (
            (double)correct / images,
            images,
            FormattableString.Invariant($"{session.InstructionSet.ToString().ToLowerInvariant()} code")
        );
    }
}
