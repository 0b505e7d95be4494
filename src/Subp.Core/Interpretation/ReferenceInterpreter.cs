using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Core.Interpretation;

/// <summary>
/// Runs any graph, fused or not, layer by layer in double precision: the oracle that every compiled model is compared with. Values are
/// dense NCHW whatever layout a node declares. Bytes are computed to the bit as integers, and are seen as the numbers 0 to 255. An
/// instance holds no state between runs; any number of threads may run it at the same time.
/// </summary>
public sealed class ReferenceInterpreter
{
    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly Dictionary<string, float[]> _parameters = new(StringComparer.Ordinal);

    /// <summary>Prepares a model. The weights are used where they lie, and widened as they are read.</summary>
    /// <exception cref="Diagnostics.SubpException">A weight is missing or has another shape than its parameter.</exception>
    public ReferenceInterpreter(Model model)
    {
        (_graph, _weights) = (model.Graph, model.Weights);
        foreach (var parameter in model.Graph.Parameters)
        {
            var tensor = model.Weights.Require(parameter);
            if (Widen(tensor) is { } values)
                _parameters[parameter.Name] = values;
        }
    }

    /// <summary>Runs a network. Several inputs or outputs follow each other in the order of the interface.</summary>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="output">Receives the output, dense NCHW, rounded to single precision once.</param>
    /// <exception cref="ArgumentException">A length is not the element count of the shapes.</exception>
    public void Run(ReadOnlySpan<float> input, Span<float> output)
    {
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var declared in _graph.Inputs)
        {
            var length = Math.Min(declared.Shape.ElementCount, input.Length);
            values[declared.Name] = Widen(declared, input[..length]);
            input = input[length..];
        }

        if (input.Length > 0)
            throw new ArgumentException($"{input.Length} elements beyond those of the inputs.", nameof(input));
        var count = _graph.Outputs.Sum(name => _graph.ShapeOf(name).ElementCount);
        if (output.Length != count)
            throw new ArgumentException($"{output.Length} elements for outputs of {count}.", nameof(output));
        Evaluate(values, keepAll: false);
        foreach (var name in _graph.Outputs)
        {
            var result = values[name];
            for (var index = 0; index < result.Length; index++)
                output[index] = (float)result[index];
            output = output[result.Length..];
        }
    }

    /// <summary>Runs a network and returns every value: inputs, results of all nodes, outputs.</summary>
    /// <param name="inputs">Every input by name, NCHW.</param>
    /// <exception cref="ArgumentException">An input is missing or has the wrong length.</exception>
    public IReadOnlyDictionary<string, double[]> RunAll(IReadOnlyDictionary<string, float[]> inputs)
    {
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var input in _graph.Inputs)
        {
            values[input.Name] = inputs.TryGetValue(input.Name, out var given)
                ? Widen(input, given)
                : throw new ArgumentException($"The input '{input.Name}' is missing.", nameof(inputs));
        }

        Evaluate(values, keepAll: true);
        return values;
    }

    /// <summary>Computes one node on values that the caller brings, finite or not.</summary>
    /// <param name="node">A node of the graph.</param>
    /// <param name="inputs">The values it reads by name, NCHW.</param>
    public double[] RunNode(GraphNode node, IReadOnlyDictionary<string, double[]> inputs)
    {
        var arguments = new Arguments(_graph, node, inputs, _parameters, _weights);
        OperatorEvaluators.Evaluate(node.Operator, arguments);
        return arguments.Output;
    }

    // Integers of 32 bits do not fit into single precision and are read where they lie.
    private static float[]? Widen(WeightTensor tensor) =>
        tensor.Element switch
        {
            ElementType.Float32 => tensor.Values,
            ElementType.Int8 => Array.ConvertAll(tensor.SignedBytes, value => (float)value),
            ElementType.UInt8 => Array.ConvertAll(tensor.Bytes, value => (float)value),
            _ => null,
        };

    private static double[] Widen(GraphInput input, ReadOnlySpan<float> given)
    {
        if (given.Length != input.Shape.ElementCount)
            throw new ArgumentException($"{given.Length} elements for the input '{input.Name}' of shape {input.Shape}.");
        var values = new double[given.Length];
        for (var index = 0; index < values.Length; index++)
            values[index] = given[index];
        return values;
    }

    private void Evaluate(Dictionary<string, double[]> values, bool keepAll)
    {
        foreach (var node in _graph.Nodes)
        {
            var arguments = new Arguments(_graph, node, values, _parameters, _weights);
            OperatorEvaluators.Evaluate(node.Operator, arguments);
            values[node.Name] = arguments.Output;
            if (keepAll)
                continue;
            foreach (var input in node.Inputs)
            {
                // What no later node reads is let go, so that many images in flight do not hold every layer of each.
                if (ReferenceEquals(_graph.ConsumersOf(input)[^1], node) && !_graph.IsOutput(input))
                    values.Remove(input);
            }
        }
    }
}
