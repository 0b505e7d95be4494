using Subp.Cli.Inputs;
using Subp.Cli.OnnxRuntime;
using Subp.Cli.Terminal;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx;

namespace Subp.Cli.Verification;

/// <summary>ONNX Runtime as a reference.</summary>
internal static class OnnxRuntimeReference
{
    /// <summary>What to call it.</summary>
    public static string Name(OnnxRuntimeLibrary library) => $"ONNX Runtime {library.Version}";

    /// <summary>Opens a network: the file it came from where that holds the same weights, otherwise what it exports as.</summary>
    /// <param name="library">The library.</param>
    /// <param name="model">The network.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="original">The ONNX file with the same weights, or null.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run it.</exception>
    public static OnnxRuntimeSession Open(OnnxRuntimeLibrary library, Model model, string place, string? original) =>
        original is null
            ? OnnxRuntimeSession.OfBytes(library, place, OnnxExporter.Export(model), Environment.ProcessorCount)
            : OnnxRuntimeSession.OfFile(library, original, Environment.ProcessorCount);

    /// <summary>Runs every input.</summary>
    /// <param name="library">The library.</param>
    /// <param name="session">The network, of one input and one output.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="inputShape">The shape of each.</param>
    /// <param name="outputShape">The shape of the output.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SubpException">ONNX Runtime fails, or answers with another number of outputs.</exception>
    public static ReferenceOutputs Compute(
        OnnxRuntimeLibrary library,
        OnnxRuntimeSession session,
        string place,
        InputSet inputs,
        TensorShape inputShape,
        TensorShape outputShape,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
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

        return new ReferenceOutputs(Name(library), inputs, outputs, outputShape.ElementCount / inputs.Batch);
    }
}
