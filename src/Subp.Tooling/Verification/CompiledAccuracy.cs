using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>The share of images that compiled code puts into their class, found in a hundredth of the interpreter's time.</summary>
/// <param name="Share">The share.</param>
/// <param name="Images">How many images there were.</param>
/// <param name="InstructionSet">The instruction set that the code ran on.</param>
internal sealed record CompiledAccuracy(double Share, int Images, InstructionSet InstructionSet)
{
    /// <summary>Runs a compiled network on every image.</summary>
    /// <param name="model">The network.</param>
    /// <param name="threads">How many threads run it; 0 for its default.</param>
    /// <param name="images">The images, with their classes.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">SUBP0601: it has several outputs, or one about all images together.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static CompiledAccuracy Of(LoadedModel model, int threads, InputSet images, IWorkLog context)
    {
        RequireClasses(model.Outputs.Count, model.OutputLength, images.Batch);
        using var session = model.CreateSession(threads);
        var output = new float[model.OutputLength];
        var classes = output.Length / images.Batch;
        var correct = 0;
        for (var input = 0; input < images.Count; input++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            session.Run(images[input], output);
            for (var image = 0; image < images.Batch; image++)
                correct += ReferenceOutputs.ArgMax(output.AsSpan(image * classes, classes)) == images.Label(input, image) ? 1 : 0;
        }

        var count = images.Count * images.Batch;
        return new CompiledAccuracy((double)correct / count, count, session.InstructionSet);
    }

    /// <summary>Compiles a network in memory and runs it on every image.</summary>
    /// <param name="model">A network as it would be compiled.</param>
    /// <param name="images">The images, with their classes.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">The network cannot be compiled.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static CompiledAccuracy Of(Model model, InputSet images, IWorkLog context)
    {
        context.Log($"compiling {model.Graph.Name}");
        var network = CompiledNetwork.Compile(
            model,
            new CompileOptions { ThreadCounts = [1], ToolVersion = ToolVersion.Current },
            cancellation: context.Cancellation
        );
        using var loaded = LoadedModel.Load(network.Assembly);
        return Of(loaded, 1, images, context);
    }

    /// <summary>Requires that a network says something of each image apart, since images have one class each.</summary>
    /// <param name="outputs">How many outputs it has.</param>
    /// <param name="length">How many numbers they have.</param>
    /// <param name="batch">Images in an input.</param>
    /// <exception cref="SubpException">SUBP0601: it has several outputs, or one about all images together.</exception>
    public static void RequireClasses(int outputs, int length, int batch)
    {
        if (outputs != 1 || length % batch != 0)
            throw new SubpException(
                DiagnosticDescriptors.UnsupportedInterface,
                "accuracy",
                outputs != 1
                    ? FormattableString.Invariant($"a network of {outputs} outputs")
                    : FormattableString.Invariant($"an output of {length} numbers for {batch} images"),
                "one, with a number for each class of each image"
            );
    }
}
