using Subp.Cli.Files;
using Subp.Cli.Inputs;
using Subp.Cli.OnnxRuntime;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Onnx;

namespace Subp.Cli.Verification;

/// <summary>ONNX Runtime as a reference.</summary>
internal static class OnnxRuntimeReference
{
    /// <summary>What to call it.</summary>
    /// <param name="library">The library.</param>
    /// <param name="optimise">Whether its graph optimiser is on.</param>
    public static string Name(OnnxRuntimeLibrary library, bool optimise = true) =>
        $"ONNX Runtime {library.Version}{(optimise ? "" : ", not optimised")}";

    /// <summary>Opens a network: the file it came from where that holds the same weights, otherwise what it exports as.</summary>
    /// <param name="library">The library.</param>
    /// <param name="model">The network.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="original">The ONNX file with the same weights, or null.</param>
    /// <param name="optimise">Whether its graph optimiser is on.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run it.</exception>
    public static OnnxRuntimeSession Open(
        OnnxRuntimeLibrary library,
        Model model,
        string place,
        string? original,
        bool optimise = true
    )
    {
        if (original is not null)
            return OnnxRuntimeSession.OfFile(library, original, Environment.ProcessorCount, optimise);
        // Through a file, since the bytes of large networks would lie in memory beside the weights of both sides.
        var path = Path.Combine(Path.GetTempPath(), $"subp-{Path.GetRandomFileName()}.onnx");
        PendingOutputs.Add(path);
        try
        {
            using (var file = File.Create(path))
                OnnxExporter.Export(model, file);
            return OnnxRuntimeSession.OfFile(library, path, Environment.ProcessorCount, optimise, place);
        }
        finally
        {
            PendingOutputs.Delete(path);
        }
    }

    /// <summary>Opens a network, runs every input and closes it again.</summary>
    /// <param name="library">The library.</param>
    /// <param name="model">The network, of one input and one output.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="original">The ONNX file with the same weights, or null.</param>
    /// <param name="optimise">Whether its graph optimiser is on.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SubpException">ONNX Runtime fails, or answers with another number of outputs.</exception>
    public static ReferenceOutputs Compute(
        OnnxRuntimeLibrary library,
        Model model,
        string place,
        string? original,
        bool optimise,
        InputSet inputs,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var (inputShape, outputShape) = (model.Graph.Inputs[0].Shape, model.Graph.ShapeOf(model.Graph.Outputs[0]));
        using var session = Open(library, model, place, original, optimise);
        var outputs = new float[inputs.Count][];
        for (var input = 0; input < inputs.Count; input++)
        {
            cancellation.ThrowIfCancellationRequested();
            outputs[input] = session.Run(inputs[input], inputShape.Dimensions)[0];
            if (outputs[input].Length != outputShape.ElementCount)
                throw new SubpException(
                    DiagnosticDescriptors.OnnxRuntimeFailed,
                    place,
                    FormattableString.Invariant($"an output of {outputs[input].Length} numbers"),
                    FormattableString.Invariant($"{outputShape.ElementCount}")
                );
            progress((input + 1.0) / inputs.Count, FormattableString.Invariant($"{input + 1} of {inputs.Count} inputs"));
        }

        return new ReferenceOutputs(Name(library, optimise), inputs, outputs, outputShape.ElementCount / inputs.Batch);
    }
}
