using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Weights;

namespace Subp.Compression.Calibration;

/// <summary>
/// Runs a network on a set of inputs node by node: all inputs through one node before the next, so that a node can be looked at, or its
/// weights changed, with everything in front of it as it is by then.
/// </summary>
/// <param name="model">The network.</param>
/// <param name="inputs">The inputs; of a network with several each holds all of them, as <see cref="JoinedInputs"/> says.</param>
/// <param name="cancellation">Ends the work.</param>
internal sealed class NodeSweep(Model model, IReadOnlyList<float[]> inputs, CancellationToken cancellation)
{
    private readonly Dictionary<string, float[][]> _values = Given(model, inputs);
    private readonly ReferenceInterpreter _interpreter = new(model);

    /// <summary>The value of every input of the set; only values that a later node reads are there.</summary>
    public IReadOnlyList<float[]> this[string value] => _values[value];

    /// <summary>Runs all nodes.</summary>
    /// <param name="before">Called before a node is computed, its inputs being there; it may change weights of the node in place.</param>
    /// <param name="after">Called when a node is computed, its result being there.</param>
    /// <returns>The first output of the network.</returns>
    public IReadOnlyList<float[]> Run(Action<GraphNode>? before = null, Action<GraphNode>? after = null)
    {
        foreach (var node in model.Graph.Nodes)
        {
            before?.Invoke(node);
            Compute(node);
            after?.Invoke(node);
        }

        return _values[model.Graph.Outputs[0]];
    }

    /// <summary>Runs all inputs through one node; nodes come in the order of the graph.</summary>
    public void Compute(GraphNode node)
    {
        var results = new float[inputs.Count][];
        Parallel.For(
            0,
            inputs.Count,
            new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
            index => results[index] = Compute(node, index)
        );
        _values[node.Name] = results;
        // What nobody reads any more is let go: all inputs of a layer together are large.
        foreach (var input in node.Inputs)
        {
            if (ReferenceEquals(model.Graph.ConsumersOf(input)[^1], node) && !model.Graph.IsOutput(input))
                _values.Remove(input);
        }
    }

    private static Dictionary<string, float[][]> Given(Model model, IReadOnlyList<float[]> inputs)
    {
        var values = model.Graph.Inputs.ToDictionary(input => input.Name, _ => new float[inputs.Count][], StringComparer.Ordinal);
        for (var index = 0; index < inputs.Count; index++)
        {
            foreach (var (name, value) in JoinedInputs.Split(model.Graph.Inputs, inputs[index]))
                values[name][index] = value;
        }

        return values;
    }

    private float[] Compute(GraphNode node, int index)
    {
        var arguments = node
            .Inputs.Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, name => Array.ConvertAll(_values[name][index], value => (double)value), StringComparer.Ordinal);
        return Array.ConvertAll(_interpreter.RunNode(node, arguments), value => (float)value);
    }
}
