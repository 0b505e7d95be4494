using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>
/// Compares the value of every layer. The network is compiled so that no value is written over, with the same kernels otherwise; after a
/// run the values are read where the plan says that they lie. The references run the fused graph, so that both sides have the same values.
/// </summary>
internal static class LayerVerifier
{
    /// <summary>Compares all layers in all sessions.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="options">The compile options; these instruction sets are compared, as far as this processor has them.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="input">The input.</param>
    /// <param name="library">ONNX Runtime as a second reference, or null.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled, or ONNX Runtime does not run it.</exception>
    public static IReadOnlyList<LayerVerdict> Verify(
        Model model,
        CompileOptions options,
        IReadOnlyList<int> threads,
        float[] input,
        OnnxRuntimeLibrary? library,
        string place,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var kept = options with { ThreadCounts = threads, KeepValues = true, Weights = WeightsLocation.Embedded };
        using var network = TemporaryAssembly.Load(model, kept, cancellation);
        var (plan, loaded) = (network.File.Plan, network.Loaded);
        var fused = new Model(plan.Graph, model.Weights);
        progress(1.0 / 3, "references");
        List<(string Name, IReadOnlyDictionary<string, float[]> Values)> references =
        [
            (ReferenceOutputs.Interpreter, Interpret(fused, input)),
        ];
        if (library is not null)
            references.Add((OnnxRuntimeNetwork.Name(library, optimise: false), Run(fused, input, library, place)));
        progress(2.0 / 3, "sessions");
        var verdicts = new List<LayerVerdict>();
        var output = new float[plan.OutputShape.ElementCount];
        foreach (var set in options.InstructionSets.Where(loaded.IsSupported))
        {
            foreach (var count in threads)
            {
                cancellation.ThrowIfCancellationRequested();
                using var session = loaded.CreateSession(count, set);
                session.Run(input, output);
                foreach (var (index, buffer) in plan.Buffers.Index())
                    verdicts.AddRange(Compare(session, index, buffer, fused.Graph.FindNode(buffer.Value)!, references));
            }
        }

        return verdicts;
    }

    private static IEnumerable<LayerVerdict> Compare(
        ILoadedSession session,
        int index,
        BufferPlan buffer,
        GraphNode node,
        IEnumerable<(string Name, IReadOnlyDictionary<string, float[]> Values)> references
    )
    {
        var found = ArenaReader.Read(session, buffer);
        return references.Select(reference => new LayerVerdict(
            reference.Name,
            session.InstructionSet,
            session.Threads,
            index,
            node.Name,
            node.Operator.Mnemonic,
            ErrorFigures.Between(found, reference.Values[node.Name])
        ));
    }

    private static Dictionary<string, float[]> Interpret(Model fused, float[] input) =>
        new ReferenceInterpreter(fused)
            .RunAll(JoinedInputs.Split(fused.Graph.Inputs, input))
            .ToDictionary(value => value.Key, value => Array.ConvertAll(value.Value, number => (float)number), StringComparer.Ordinal);

    private static Dictionary<string, float[]> Run(Model fused, float[] input, OnnxRuntimeLibrary library, string place)
    {
        var graph = fused.Graph.With(outputs: [.. fused.Graph.Nodes.Select(node => node.Name)]);
        // Every value is asked for, so that its optimiser has nothing to gain, and might still change one.
        using var network = OnnxRuntimeNetwork.Create(library, fused with { Graph = graph }, place, original: null);
        using var session = network.Open(optimise: false);
        return session.OutputNames.Zip(network.Run(session, input)).ToDictionary(StringComparer.Ordinal);
    }
}
