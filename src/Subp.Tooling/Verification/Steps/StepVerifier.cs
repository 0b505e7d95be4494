using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification.Steps;

/// <summary>
/// Compares the bytes that compiled layers make with those that ONNX Runtime makes of the exported file. Both round to the nearest byte,
/// and may round the numbers before that differently, so that a byte may be one step off. Through a whole network such steps add up, and
/// say nothing about the layer where they are seen: so every layer is also compared on its own, on the bytes that the compiled code gave.
/// </summary>
internal static class StepVerifier
{
    /// <summary>Whether anything of a network is bytes.</summary>
    public static bool AppliesTo(Graph graph) => graph.Nodes.Any(node => node.Type.Quantization is not null);

    /// <summary>Compares all sessions.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="options">The compile options; these instruction sets are compared, as far as this processor has them.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="library">ONNX Runtime.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled, or ONNX Runtime does not run it.</exception>
    public static StepReport Verify(
        Model model,
        CompileOptions options,
        IReadOnlyList<int> threads,
        InputSet inputs,
        OnnxRuntimeLibrary library,
        string place,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var kept = options with { ThreadCounts = threads, KeepValues = true, Weights = WeightsLocation.Embedded };
        using var network = TemporaryAssembly.Load(model, kept, cancellation);
        var fused = new Model(network.File.Plan.Graph, model.Weights);
        var layers = LayersApart.Of(fused);
        var compared = layers.Model.Graph.Outputs.Select(name => fused.Graph.FindNode(name)!).ToArray();
        var whole = fused with { Graph = fused.Graph.With(outputs: layers.Model.Graph.Outputs) };
        using var apart = OnnxRuntimeNetwork.Create(library, layers.Model, place, original: null);
        using var together = OnnxRuntimeNetwork.Create(library, whole, place, original: null);
        using var apartSession = apart.Open(optimise: true);
        using var togetherSession = together.Open(optimise: true);
        var (apartVerdicts, togetherVerdicts) = (new List<StepVerdict[]>(), new List<StepVerdict[]>());
        for (var index = 0; index < inputs.Count; index++)
        {
            var input = inputs[index];
            var known = new List<IReadOnlyDictionary<string, float[]>>();
            foreach (var set in options.InstructionSets.Where(network.Loaded.IsSupported))
            {
                foreach (var count in threads)
                {
                    cancellation.ThrowIfCancellationRequested();
                    using var session = network.Loaded.CreateSession(count, set);
                    var values = SessionValues.Of(network.File.Plan, session, input);
                    // Sessions that made the same bytes, as they should, need no second look.
                    if (known.Any(other => compared.All(node => values[node.Name].AsSpan().SequenceEqual(other[node.Name]))))
                        continue;
                    known.Add(values);
                    var given = layers.Values.Zip(layers.Model.Graph.Inputs);
                    apartVerdicts.Add(Compare(compared, values, apartSession.Run([.. given.Select(pair => Given(pair, values))])));
                    togetherVerdicts.Add(Compare(compared, values, together.Run(togetherSession, input)));
                }
            }

            progress((index + 1.0) / inputs.Count, FormattableString.Invariant($"{index + 1} of {inputs.Count} inputs"));
        }

        return new StepReport(OnnxRuntimeNetwork.Name(library), StepVerdict.Joined(apartVerdicts), StepVerdict.Joined(togetherVerdicts));
    }

    private static OnnxRuntimeInput Given((string Value, GraphInput Input) pair, IReadOnlyDictionary<string, float[]> values) =>
        new(values[pair.Value], pair.Input.Shape.Dimensions, pair.Input.Type.Quantization is not null);

    private static StepVerdict[] Compare(GraphNode[] nodes, IReadOnlyDictionary<string, float[]> found, float[][] expected) =>
        [.. nodes.Zip(expected, (node, values) => StepVerdict.Of(node, found[node.Name], values))];
}
