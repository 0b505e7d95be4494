using System.Runtime.InteropServices;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification.Steps;

/// <summary>
/// Compares compiled layers with the reference interpreter one by one, each on the values that the compiled code gave it. Where floats that
/// were computed become bytes inside of a network, the last bit of a float decides about a step now and then, and such steps go through all
/// layers that follow: there only layers on their own show whether the code is right.
/// </summary>
internal static class InterpretedSteps
{
    // Of more inputs the outputs are compared, and not every layer.
    private const int MostInputs = 4;

    /// <summary>Whether computed floats become bytes: those of the network's input and those that bytes stand for are exact.</summary>
    public static bool AppliesTo(Graph graph) =>
        graph.Nodes.Any(node =>
            node.Operator is Quantize
            && graph.FindNode(node.Inputs[0]) is { Operator: not Dequantize } made
            && made.Type.Quantization is null
        );

    /// <summary>Compares all sessions.</summary>
    /// <param name="loaded">The compiled model that is verified.</param>
    /// <param name="model">The packed network.</param>
    /// <param name="options">The compile options; these instruction sets are compared, as far as this processor has them.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="inputs">The inputs; layers are compared on the first few of them.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>What was found out, or null where this processor has none of the instruction sets.</returns>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static InterpretedReport? Verify(
        LoadedModel loaded,
        Model model,
        CompileOptions options,
        IReadOnlyList<int> threads,
        InputSet inputs,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var keeping = options with { ThreadCounts = threads, KeepValues = true, Weights = WeightsLocation.Embedded };
        using var network = TemporaryAssembly.Load(model, keeping, cancellation);
        (InstructionSet Set, int Threads)[] names =
        [
            .. options
                .InstructionSets.Where(set => network.Loaded.IsSupported(set) && loaded.IsSupported(set))
                .SelectMany(set => threads.Select(count => (set, count))),
        ];
        if (names.Length == 0)
            return null;
        var same = names.ToList();
        var layers = new InterpretedLayers(network.File.Plan, model.Weights);
        var (expected, found) = (new float[layers.OutputLength], new float[layers.OutputLength]);
        var sessions = new List<(ILoadedSession Kept, ILoadedSession Shipped)>();
        try
        {
            foreach (var (set, count) in names)
                sessions.Add((network.Loaded.CreateSession(count, set), loaded.CreateSession(count, set)));
            for (var index = 0; index < inputs.Count; index++)
            {
                var input = inputs[index];
                foreach (var (name, (kept, shipped)) in names.Zip(sessions))
                {
                    cancellation.ThrowIfCancellationRequested();
                    shipped.Run(input, found);
                    if (index < MostInputs)
                        layers.Compare(kept, input, expected);
                    else
                        kept.Run(input, expected);
                    if (!MemoryMarshal.AsBytes(found.AsSpan()).SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan())))
                        same.Remove(name);
                }

                layers.EndInput();
                progress((index + 1.0) / inputs.Count, FormattableString.Invariant($"{index + 1} of {inputs.Count} inputs"));
            }
        }
        finally
        {
            foreach (var (kept, shipped) in sessions)
            {
                kept.Dispose();
                shipped.Dispose();
            }
        }

        return new InterpretedReport(layers.Report(), same);
    }
}
