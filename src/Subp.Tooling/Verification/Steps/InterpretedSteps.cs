using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification.Steps;

/// <summary>
/// Compares compiled layers with the reference interpreter one by one, each on the values that the compiled code gave it. Where floats that
/// were computed become bytes inside of a network, the last bit of a float decides about a step now and then, and such steps go through all
/// layers that follow: there only layers on their own show whether the code is right.
/// </summary>
internal static class InterpretedSteps
{
    /// <summary>Whether computed floats become bytes: those of the network's input and those that bytes stand for are exact.</summary>
    public static bool AppliesTo(Graph graph) =>
        graph.Nodes.Any(node => node.Operator is Quantize && graph.FindNode(node.Inputs[0]) is { Operator: not Dequantize });

    /// <summary>Compares all sessions.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="options">The compile options; these instruction sets are compared, as far as this processor has them.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="input">The input.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static StepReport Verify(
        Model model,
        CompileOptions options,
        IReadOnlyList<int> threads,
        float[] input,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var kept = options with { ThreadCounts = threads, KeepValues = true, Weights = WeightsLocation.Embedded };
        using var network = TemporaryAssembly.Load(model, kept, cancellation);
        var plan = network.File.Plan;
        var reference = new ReferenceInterpreter(new Model(plan.Graph, model.Weights));
        var shown = SessionValues.Names(plan).ToHashSet(StringComparer.Ordinal);
        GraphNode[] nodes = [.. plan.Graph.Nodes.Where(node => shown.Contains(node.Name) && node.Inputs.All(shown.Contains))];
        var whole = reference.RunAll(Inputs.JoinedShape.Split(plan.Graph.Inputs, input));
        var (apart, together) = (new List<StepVerdict[]>(), new List<StepVerdict[]>());
        var known = new List<Dictionary<string, float[]>>();
        (InstructionSet Set, int Threads)[] sessions =
        [
            .. options.InstructionSets.Where(network.Loaded.IsSupported).SelectMany(set => threads.Select(count => (set, count))),
        ];
        for (var index = 0; index < sessions.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var session = network.Loaded.CreateSession(sessions[index].Threads, sessions[index].Set);
            var values = SessionValues.Of(plan, session, input);
            // Sessions that computed the same, as those of one instruction set should, need no second look.
            if (!known.Any(other => nodes.All(node => values[node.Name].AsSpan().SequenceEqual(other[node.Name]))))
            {
                known.Add(values);
                apart.Add([.. nodes.Select(node => StepVerdict.Of(node, values[node.Name], Alone(reference, node, values)))]);
                together.Add([.. nodes.Select(node => StepVerdict.Of(node, values[node.Name], Rounded(whole[node.Name])))]);
            }

            progress((index + 1.0) / sessions.Length, FormattableString.Invariant($"{index + 1} of {sessions.Length} sessions"));
        }

        return new StepReport(ReferenceOutputs.Interpreter, StepVerdict.Joined(apart), StepVerdict.Joined(together));
    }

    private static float[] Alone(ReferenceInterpreter reference, GraphNode node, Dictionary<string, float[]> values) =>
        Rounded(
            reference.RunNode(
                node,
                node.Inputs.Distinct().ToDictionary(name => name, name => Array.ConvertAll(values[name], value => (double)value))
            )
        );

    private static float[] Rounded(double[] values) => Array.ConvertAll(values, value => (float)value);
}
