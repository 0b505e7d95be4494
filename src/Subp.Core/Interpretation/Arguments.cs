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

    /// <summary>The arguments of the convolution of a node that also pools.</summary>
    public Arguments OfConvolution(PooledConv2d pooled) =>
        new(graph, node with { Shape = pooled.ShapeBeforePool(graph, node) }, values, parameters, weights);

    /// <summary>The arguments of the pooling of such a node.</summary>
    /// <param name="first">Those of the convolution, which is evaluated.</param>
    public Arguments OfPooling(Arguments first) => new(graph, node, values, parameters, weights) { _between = first };

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
