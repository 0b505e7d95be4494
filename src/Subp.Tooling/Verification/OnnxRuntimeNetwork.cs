using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Compilation;
using Subp.Tooling.Files;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>
/// A network as a file that ONNX Runtime runs: the file it came from where that holds the same weights, otherwise a temporary one. Bytes in
/// memory would lie beside the weights of both sides. Several inputs or outputs follow each other in the order of the interface.
/// </summary>
internal sealed class OnnxRuntimeNetwork : IDisposable
{
    private readonly OnnxRuntimeLibrary _library;
    private readonly string _place;
    private readonly string _path;
    private readonly bool _isTemporary;
    private readonly IReadOnlyList<GraphInput> _inputs;
    private readonly int _outputLength;

    private OnnxRuntimeNetwork(OnnxRuntimeLibrary library, Graph graph, string place, string? original)
    {
        (_library, _place, _isTemporary) = (library, place, original is null);
        _path = original ?? Path.Combine(Path.GetTempPath(), $"subp-{Path.GetRandomFileName()}.onnx");
        (_inputs, _outputLength) = (graph.Inputs, graph.Outputs.Sum(output => graph.ShapeOf(output).ElementCount));
    }

    /// <summary>Prepares a network.</summary>
    /// <param name="library">The library.</param>
    /// <param name="model">The network; it is not held.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="original">The ONNX file with the same weights, or null.</param>
    public static OnnxRuntimeNetwork Create(OnnxRuntimeLibrary library, Model model, string place, string? original)
    {
        var network = new OnnxRuntimeNetwork(library, model.Graph, place, original);
        if (original is not null)
            return network;
        PendingOutputs.Add(network._path);
        try
        {
            using var file = File.Create(network._path);
            OnnxExporter.Export(model, file);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Whether it is the file that the network came from.</summary>
    public bool IsOriginal => !_isTemporary;

    /// <summary>What to call a library as a reference.</summary>
    /// <param name="library">The library.</param>
    /// <param name="optimise">Whether its graph optimiser is on.</param>
    public static string Name(OnnxRuntimeLibrary library, bool optimise = true) =>
        $"ONNX Runtime {library.Version}{(optimise ? "" : ", not optimised")}";

    /// <summary>Opens a session for this network.</summary>
    /// <param name="optimise">Whether ONNX Runtime's graph optimiser is on.</param>
    /// <exception cref="SubpException">ONNX Runtime does not run it.</exception>
    public OnnxRuntimeSession Open(bool optimise) =>
        OnnxRuntimeSession.OfFile(_library, _path, Environment.ProcessorCount, optimise, _place);

    /// <summary>Runs every input in a session of its own.</summary>
    /// <param name="optimise">Whether ONNX Runtime's graph optimiser is on.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SubpException">ONNX Runtime fails, or answers with another number of outputs.</exception>
    public ReferenceOutputs Compute(bool optimise, InputSet inputs, ProgressReport progress, CancellationToken cancellation)
    {
        LargeMemory.Release();
        using var session = Open(optimise);
        var outputs = new float[inputs.Count][];
        for (var input = 0; input < inputs.Count; input++)
        {
            cancellation.ThrowIfCancellationRequested();
            outputs[input] = [.. Run(session, inputs[input]).SelectMany(output => output)];
            if (outputs[input].Length != _outputLength)
                throw new SubpException(
                    DiagnosticDescriptors.OnnxRuntimeFailed,
                    _place,
                    FormattableString.Invariant($"outputs of {outputs[input].Length} numbers"),
                    FormattableString.Invariant($"{_outputLength}")
                );
            progress((input + 1.0) / inputs.Count, FormattableString.Invariant($"{input + 1} of {inputs.Count} inputs"));
        }

        return new ReferenceOutputs(Name(_library, optimise), inputs, outputs, _outputLength);
    }

    /// <summary>Runs a session of this network on one input and returns every output.</summary>
    /// <param name="session">The session.</param>
    /// <param name="input">The elements of all inputs.</param>
    /// <exception cref="SubpException">ONNX Runtime fails.</exception>
    public float[][] Run(OnnxRuntimeSession session, float[] input)
    {
        var values = JoinedInputs.Split(_inputs, input);
        return session.Run([
            .. _inputs.Select(port => new OnnxRuntimeInput(values[port.Name], port.Shape.Dimensions, port.Type.Quantization is not null)),
        ]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isTemporary)
            PendingOutputs.Delete(_path);
    }
}
