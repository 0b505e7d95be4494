using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification.SpecialValues;

/// <summary>
/// Compares how every layer treats NaN, infinities and the like. The network is compiled so that no value is written over, and each layer
/// is held against the reference on the inputs that the compiled network gave it: what one layer may do to a value is not held against the
/// next.
/// </summary>
internal static class SpecialValueVerifier
{
    /// <summary>Compares all layers in all sessions.</summary>
    /// <param name="model">The packed network.</param>
    /// <param name="options">The compile options; these instruction sets are compared, as far as this processor has them.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="tolerance">The largest difference of two numbers, relative to the largest of the layer.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The network cannot be compiled.</exception>
    public static IReadOnlyList<SpecialVerdict> Verify(
        Model model,
        CompileOptions options,
        IReadOnlyList<int> threads,
        double tolerance,
        ProgressReport progress,
        CancellationToken cancellation
    )
    {
        var network = CompiledNetwork.Compile(
            model,
            options with
            {
                ThreadCounts = threads,
                KeepValues = true,
                Weights = WeightsLocation.Embedded,
            },
            cancellation: cancellation
        );
        using var loaded = LoadedModel.Load(network.Assembly);
        var layers = new LayerSet(network.Plan, model.Weights);
        var inputs = SpecialInputs.For(network.Plan.InputShape);
        var verdicts = new List<SpecialVerdict>();
        var sessions = options.InstructionSets.Where(loaded.IsSupported).SelectMany(set => threads.Select(count => (set, count))).ToArray();
        foreach (var (done, (set, count)) in sessions.Index())
        {
            var sums = layers.Nodes.ToDictionary(node => node.Name, _ => SpecialComparison.None, StringComparer.Ordinal);
            using var session = loaded.CreateSession(count, set);
            foreach (var (number, input) in inputs.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                progress(
                    (done + ((double)number / inputs.Count)) / sessions.Length,
                    FormattableString.Invariant($"{set.ToString().ToLowerInvariant()}, threads: {count}")
                );
                var values = layers.Values(session, input);
                foreach (var node in layers.Nodes)
                    sums[node.Name] = sums[node.Name].And(layers.Compare(node, values, tolerance));
            }

            verdicts.AddRange(
                layers.Nodes.Select(
                    (node, index) => new SpecialVerdict(set, count, index, node.Name, node.Operator.Mnemonic, sums[node.Name])
                )
            );
        }

        return verdicts;
    }

    /// <summary>The nodes whose value and inputs a session shows, with the reference for each.</summary>
    private sealed class LayerSet
    {
        private readonly ModelPlan _plan;
        private readonly ReferenceInterpreter _reference;
        private readonly Dictionary<string, LayerPlan> _layers;

        public LayerSet(ModelPlan plan, WeightSet weights)
        {
            _plan = plan;
            _reference = new ReferenceInterpreter(new Model(plan.Graph, weights));
            _layers = plan.Layers.ToDictionary(layer => layer.Node.Name, StringComparer.Ordinal);
            var shown = SessionValues.Names(plan).ToHashSet(StringComparer.Ordinal);
            Nodes = [.. plan.Graph.Nodes.Where(node => shown.Contains(node.Name) && node.Inputs.All(shown.Contains))];
        }

        public IReadOnlyList<GraphNode> Nodes { get; }

        public Dictionary<string, float[]> Values(ILoadedSession session, float[] input) => SessionValues.Of(_plan, session, input);

        public SpecialComparison Compare(GraphNode node, Dictionary<string, float[]> values, double tolerance)
        {
            float[] Evaluate(Func<float, float> change) =>
                Array.ConvertAll(
                    _reference.RunNode(
                        node,
                        node.Inputs.Distinct()
                            .ToDictionary(name => name, name => Array.ConvertAll(values[name], value => (double)change(value)))
                    ),
                    value => (float)value
                );
            var limits = LayerLimits.Of(_layers.GetValueOrDefault(node.Name), node, values, Evaluate);
            return SpecialComparison.Between(values[node.Name], Evaluate(value => value), limits, tolerance);
        }
    }
}
