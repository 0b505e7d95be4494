using Subp.Compression.Quantizing;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Quantizing;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Networks of bytes as ONNX files: what ONNX Runtime makes of them, and what the importer makes of them again.</summary>
[Trait("speed", "slow")]
public sealed class QuantizedNetworkTests
{
    private const int Inputs = 6;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void ONNX_Runtime_computes_the_same_bytes_within_one_step(int seed, bool depthwise)
    {
        var model = Quantize(Network(seed, depthwise));
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "bytes", OnnxExporter.Export(WithEveryValue(model)), 1);
        var shape = model.Graph.Inputs[0].Shape;
        var interpreter = new ReferenceInterpreter(model);
        int differing = 0,
            all = 0;
        foreach (var input in Images(shape))
        {
            var expected = interpreter.RunAll(new Dictionary<string, float[]> { ["image"] = input });
            foreach (var (name, values) in session.OutputNames.Zip(session.Run(input, shape.Dimensions)))
            {
                var bytes = name[..^".seen".Length];
                var quantization = model.Graph.TypeOf(bytes).Quantization!;
                for (var index = 0; index < values.Length; index++, all++)
                {
                    var difference = Math.Abs(values[index] - IntegerLayer.Dequantize((int)expected[bytes][index], quantization));
                    Assert.True(
                        difference <= 1.01 * quantization.Scale,
                        $"{bytes}[{index}] is {difference / quantization.Scale} steps off"
                    );
                    differing += difference > 0.5 * quantization.Scale ? 1 : 0;
                }
            }
        }

        Assert.True(differing * 100 < all, $"{differing} of {all} bytes differ by a step");
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void What_is_written_is_read_again_as_integer_layers_with_the_same_bytes(int seed, bool depthwise)
    {
        var model = Quantize(Network(seed, depthwise));
        var read = OnnxImporter.Import(OnnxExporter.Export(model), "again.onnx");
        var layers = read.Graph.Nodes.Where(node => node.Operator is Conv2d or Linear).ToArray();
        Assert.All(layers, node => Assert.Equal(ElementType.Int8, read.Graph.Parameter(node.Operator.Parameters[0].Name).Element));
        Assert.Equal(model.Weights["stem.weight"].SignedBytes, read.Weights["stem.weight"].SignedBytes);
        Assert.Equal(model.Weights["stem.bias"].Integers, read.Weights["stem.bias"].Integers);
        Assert.Equal(TensorType.Float32, read.Graph.TypeOf(read.Graph.Outputs[0]));

        var (before, after) = (new ReferenceInterpreter(model), new ReferenceInterpreter(read));
        foreach (var input in Images(model.Graph.Inputs[0].Shape))
        {
            float[] expected = new float[5],
                found = new float[5];
            before.Run(input, expected);
            after.Run(input, found);
            Assert.Equal(expected, found);
        }
    }

    // Every value of bytes as an output of floats, so that all of them can be compared.
    private static Model WithEveryValue(Model model)
    {
        var text = SubpPrinter.Print(model.Graph);
        var lines = text.Split('\n')
            .Where(line =>
                !line.StartsWith("output ", StringComparison.Ordinal) && !line.StartsWith("structure ", StringComparison.Ordinal)
            )
            .ToList();
        var bytes = model.Graph.Nodes.Where(node => node.Type.Quantization is not null).ToArray();
        lines.AddRange(bytes.Select(node => $"node {node.Name}.seen: f32{node.Shape} = dequantize({node.Name})"));
        lines.AddRange(bytes.Select(node => $"output {node.Name}.seen"));
        return model with { Graph = SubpParser.Parse(string.Join('\n', lines), "seen.subp").Graph };
    }

    private static Model Quantize(Model original)
    {
        var fused = FusedNetwork.Of(original);
        return Int8Conversion
            .Convert(
                original,
                fused,
                new Int8Options { Calibration = Images(original.Graph.Inputs[0].Shape), WeightBits = ByteProducts.WeightBits }
            )
            .Model;
    }

    private static float[][] Images(TensorShape shape) => [.. Enumerable.Range(0, Inputs).Select(seed => RandomWeights.Input(shape, seed))];

    private static Model Network(int seed, bool depthwise)
    {
        var builder = new GraphBuilder("network");
        var image = builder.Input("image", new TensorShape(1, 3, 9, 8));
        var stem = Unit(builder, "stem", image, 16, 1, Activate.Relu);
        var body = Unit(builder, "body", stem, 16, depthwise ? 16 : 1, depthwise ? Activate.Relu6 : null);
        var sum = builder.Node("relu", Activate.Relu, builder.Node("sum", new Add(), body, stem));
        var swish = Unit(builder, "wide", sum, 24, 1, Activate.HardSwish);
        var pool = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, swish);
        var flat = builder.Node("features", new Flatten(), builder.Node("mean", new GlobalAveragePool(), pool));
        builder.Output(builder.Linear("classifier", flat, 5));
        return RandomWeights.For(builder.Build(), seed);
    }

    private static string Unit(GraphBuilder builder, string name, string input, int width, int groups, Activate? activation)
    {
        var value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, Window.Square(3, 1, 1), groups: groups));
        return activation is null ? value : builder.Node($"{name}.act", activation, value);
    }
}
