using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Testing;

/// <summary>
/// A network of floats as one of bytes: what can be computed on bytes is, from the inputs on, with scales under which random weights fill
/// the range of a byte. Normalisations are left out. Behind the first operator that bytes do not have, everything is floats, which the
/// bytes become exactly.
/// </summary>
public static class QuantizedGraph
{
    private const float InputScale = 1 / 127f;

    // Deep networks of random weights grow without end, and floats do not.
    private const double LargestScale = 1e12;

    // The deviations of a random weight and of a random byte, and how many of such a sum half a byte holds.
    private const double Deviation = 73 * 74 / 50.0;

    /// <summary>The network of bytes; its weights come from <see cref="RandomWeights"/>.</summary>
    /// <param name="graph">A network of floats, not laid out.</param>
    /// <param name="seed">Chooses zero points; the same seed gives the same network.</param>
    public static Graph Of(Graph graph, int seed)
    {
        var builder = new GraphBuilder(graph.Name);
        var random = new Random(seed);
        var (bytes, floats) = (new Dictionary<string, string>(), new Dictionary<string, string>());
        foreach (var input in graph.Inputs)
        {
            floats[input.Name] = builder.Input(input.Name, input.Shape);
            if (input.Shape.IsImage || input.Shape.IsVector)
                bytes[input.Name] = builder.Node($"{input.Name}.u8", new Quantize(), new Quantization(InputScale, 127), input.Name);
        }

        foreach (var node in graph.Nodes)
        {
            if (node.Operator is BatchNorm && bytes.TryGetValue(node.Inputs[0], out var same))
            {
                bytes[node.Name] = same;
                continue;
            }

            if (node.Inputs.Count > 0 && node.Inputs.All(bytes.ContainsKey) && Declared(graph, builder, node, bytes, random) is { } made)
            {
                bytes[node.Name] = made;
                continue;
            }

            foreach (var use in node.Operator.Parameters)
            {
                var parameter = graph.Parameter(use.Name);
                if (builder.FindParameter(use.Name) is null)
                    builder.Parameter(parameter.Name, parameter.Shape, parameter.Pattern);
            }

            floats[node.Name] = builder.Node(node.Name, node.Operator, [.. node.Inputs.Select(Float)]);
        }

        foreach (var output in graph.Outputs.Select(Float).Distinct())
            builder.Output(output);
        return builder.Build();

        string Float(string value)
        {
            if (!floats.TryGetValue(value, out var name))
                floats[value] = name = builder.Node($"{value}.f32", new Dequantize(), bytes[value]);
            return name;
        }
    }

    // The node on bytes, or null where there is none.
    private static string? Declared(Graph graph, GraphBuilder builder, GraphNode node, Dictionary<string, string> bytes, Random random)
    {
        string[] inputs = [.. node.Inputs.Select(input => bytes[input])];
        var types = inputs.Select(input => builder.TypeOf(input).Quantization!).ToArray();
        double scale = types.Max(type => type.Scale);
        var isPlain = IsPlain(node.Shape) && node.Inputs.All(input => IsPlain(graph.ShapeOf(input)));
        string Computed(Operator @operator, double result) =>
            builder.Node(node.Name, @operator, new Quantization((float)result, random.Next(2) == 0 ? 0 : random.Next(256)), inputs);
        switch (node.Operator)
        {
            case Conv2d { Activation.IsClamp: true } convolution when CanBe(graph.Parameter(convolution.Weight), convolution.Groups):
                var sum = SumScale(graph.Parameter(convolution.Weight)) * scale;
                return sum > LargestScale || builder.FindParameter(convolution.Weight) is not null
                    ? null
                    : Computed(
                        convolution with
                        {
                            Weight = Declare(graph, builder, convolution.Weight, ElementType.Int8),
                            WeightScale = builder.Parameter(
                                $"{convolution.Weight}.scale",
                                new TensorShape(graph.Parameter(convolution.Weight).Shape[0])
                            ),
                            Bias = convolution.Bias is null ? null : Declare(graph, builder, convolution.Bias, ElementType.Int32),
                        },
                        sum
                    );
            case Linear { Activation.IsClamp: true } linear when node.Shape.IsVector && CanBe(graph.Parameter(linear.Weight), 1):
                sum = SumScale(graph.Parameter(linear.Weight)) * scale;
                return sum > LargestScale || builder.FindParameter(linear.Weight) is not null
                    ? null
                    : Computed(
                        linear with
                        {
                            Weight = Declare(graph, builder, linear.Weight, ElementType.Int8),
                            WeightScale = builder.Parameter(
                                $"{linear.Weight}.scale",
                                new TensorShape(graph.Parameter(linear.Weight).Shape[0])
                            ),
                            Bias = linear.Bias is null ? null : Declare(graph, builder, linear.Bias, ElementType.Int32),
                        },
                        sum
                    );
            case Add { Activation.IsClamp: true } add when isPlain && AreAlike(graph, node):
                return Computed(add, scale * 1.3);
            case Mul { Activation.IsClamp: true } product when isPlain && AreAlike(graph, node):
                var factor = (double)types[0].Scale * types[1].Scale * 100;
                return factor is > LargestScale or < 1e-12 ? null : Computed(product, factor);
            case Activate activate when isPlain:
                return Computed(activate, scale);
            case Concat { Axis: 1 } concat when isPlain:
                return Computed(concat, scale);
            case Pool2d { Kind: PoolKind.Average } pool:
                return Computed(pool, scale / 2);
            case GlobalAveragePool pool:
                return Computed(pool, scale / 4);
            case Pool2d
            or Slice
            or ChannelShuffle
            or Flatten
            or Reshape
            or Transpose
            or DepthToSpace
            or SpaceToDepth
            or Pad { Mode: PadMode.Constant }:
                return builder.Node(node.Name, node.Operator, inputs);
            default:
                return null;
        }
    }

    private static bool IsPlain(TensorShape shape) => shape.IsImage || shape.IsVector;

    private static bool AreAlike(Graph graph, GraphNode node) => node.Inputs.All(input => graph.ShapeOf(input).Equals(node.Shape));

    private static bool CanBe(Parameter weight, int groups) =>
        weight.Pattern is not { } pattern || (groups == 1 && pattern.BlockLength % 4 == 0);

    private static double SumScale(Parameter weight) => Math.Sqrt(IntegerLayer.SummandsOf(weight) + 1) * Deviation;

    private static string Declare(Graph graph, GraphBuilder builder, string name, ElementType element)
    {
        var parameter = graph.Parameter(name);
        return builder.FindParameter(name) is null ? builder.Parameter(name, parameter.Shape, element, parameter.Pattern) : name;
    }
}
