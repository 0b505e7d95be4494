using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Core.Interpretation;

/// <summary>What an evaluator reads and writes: the values of the inputs, the parameters, and the output, which starts as zeros.</summary>
internal sealed class Arguments(
    Graph graph,
    GraphNode node,
    IReadOnlyDictionary<string, double[]> values,
    IReadOnlyDictionary<string, float[]> parameters,
    WeightSet weights
)
{
    // What the first of two operators computed, where this is the second.
    private Arguments? _between;

    /// <summary>The node, as messages call it.</summary>
    public string Place => $"node '{node.Name}'";

    public int InputCount => node.Inputs.Count;

    public TensorShape OutputShape => node.Shape;

    public double[] Output { get; } = new double[node.Shape.ElementCount];

    public double[] Input(int index = 0) => _between?.Output ?? values[node.Inputs[index]];

    public TensorShape InputShape(int index = 0) => _between?.OutputShape ?? graph.ShapeOf(node.Inputs[index]);

    /// <summary>The arguments of the first of two operators that a node computes as one.</summary>
    /// <param name="shape">The shape of what lies between them.</param>
    public Arguments OfFirst(TensorShape shape) => new(graph, node with { Shape = shape }, values, parameters, weights);

    /// <summary>The arguments of the second.</summary>
    /// <param name="first">Those of the first, which is evaluated.</param>
    public Arguments OfSecond(Arguments first) => new(graph, node, values, parameters, weights) { _between = first };

    /// <summary>What shape inference may look at.</summary>
    public ShapeContext Shapes => new(node.Name, [.. node.Inputs.Select(graph.ShapeOf)], graph.FindParameter);

    /// <summary>What the bytes of an input stand for, or null where it holds single-precision numbers.</summary>
    public Quantization? InputQuantization(int index = 0) => graph.TypeOf(node.Inputs[index]).Quantization;

    /// <summary>What the bytes of the output stand for, or null.</summary>
    public Quantization? OutputQuantization => node.Type.Quantization;

    /// <summary>Single-precision numbers, or bytes widened to such.</summary>
    public float[] Parameter(string name) => parameters[name];

    public TensorShape ParameterShape(string name) => graph.Parameter(name).Shape;

    /// <summary>The blocks of a weight that are there.</summary>
    public KeptBlocks Kept(string name) => new(graph.Parameter(name));

    public float[]? OptionalParameter(string? name) => name is null ? null : parameters[name];

    public int[]? OptionalIntegers(string? name) => name is null ? null : weights[name].Integers;
}
