using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Inputs;

namespace Subp.Benchmarks.Peers.Layers;

/// <summary>One layer with its values: what every contender gets, and what it must compute.</summary>
internal sealed class LayerProblem
{
    private const ulong InputSeed = 2;

    /// <summary>Draws weights and an input, and computes the output.</summary>
    /// <param name="specification">The layer.</param>
    /// <param name="blockLength">N.</param>
    /// <param name="sparsity">The share of pruned blocks; 0 for none.</param>
    public LayerProblem(LayerSpecification specification, int blockLength, double sparsity)
    {
        Specification = specification;
        Model = specification.Build(sparsity > 0 ? blockLength : 0, sparsity);
        var graph = Model.Graph;
        InputShape = [.. graph.Inputs[0].Shape.Dimensions];
        OutputShape = [.. graph.ShapeOf(graph.Outputs[0]).Dimensions];
        Input = InputSet.OfRandom(graph.Inputs[0].Shape, 1, InputSeed)[0];
        Expected = new float[graph.ShapeOf(graph.Outputs[0]).ElementCount];
        new ReferenceInterpreter(Model).Run(Input, Expected);
        var convolution = (Conv2d)graph.Nodes.Single(node => node.Name == LayerSpecification.NodeName).Operator;
        Weights = Model.Weights[convolution.Weight].Values;
        Bias = Model.Weights[convolution.Bias!].Values;
    }

    /// <summary>The shape.</summary>
    public LayerSpecification Specification { get; }

    /// <summary>The network of this one layer.</summary>
    public Model Model { get; }

    /// <summary>The same network with zeros for pruned blocks and nothing that says so.</summary>
    public Model DenseModel => Model with { Graph = Model.Graph.WithDenseParameters() };

    /// <summary>The dimensions of the input, NCHW.</summary>
    public int[] InputShape { get; }

    /// <summary>The dimensions of the output, NCHW.</summary>
    public int[] OutputShape { get; }

    /// <summary>The padding on every side.</summary>
    public int Padding => Specification.Kernel / 2;

    /// <summary>The input.</summary>
    public float[] Input { get; }

    /// <summary>The weights [output][input of its group][row][column], with zeros where they are pruned.</summary>
    public float[] Weights { get; }

    /// <summary>The bias.</summary>
    public float[] Bias { get; }

    /// <summary>The output of the reference interpreter.</summary>
    public float[] Expected { get; }

    /// <summary>True for a convolution of one tap without stride, padding and groups: a product of matrices.</summary>
    public bool IsMatrixProduct => Specification is { Kernel: 1, Stride: 1, Groups: 1 };

    /// <summary>The multiply-accumulates of direct summation over the kept weights.</summary>
    public long KeptMacs => Weights.LongCount(weight => weight != 0) * OutputShape[2] * OutputShape[3];

    /// <summary>The size of input and output.</summary>
    public long ActivationBytes => ((long)Input.Length + Expected.Length) * sizeof(float);

    /// <summary>Does to the plain product of a contender without bias and activation what these would do.</summary>
    /// <param name="product">The product [output channel][pixel]; receives the result.</param>
    public void AddBiasAndActivation(Span<float> product)
    {
        var pixels = product.Length / Bias.Length;
        for (var index = 0; index < product.Length; index++)
            product[index] = MathF.Max(0, product[index] + Bias[index / pixels]);
    }
}
