using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Smooth functions of what layers of bytes return as floats, as at the end of detectors.</summary>
internal static class SmoothCases
{
    public static IEnumerable<KernelCase> All()
    {
        yield return Case("smooth-linear", [2, 24], builder => Linear(builder), Activate.Sigmoid);
        yield return Case("smooth-conv", [1, 16, 5, 7], builder => Convolution(builder), new Activate(Activation.Silu));
    }

    private static KernelCase Case(string name, int[] shape, Func<GraphBuilder, Operator> layer, Activate function)
    {
        var builder = new GraphBuilder(name);
        var bytes = builder.Node("bytes", new Quantize(), new Quantization(0.0079f, 126), builder.Input("x", new TensorShape(shape)));
        var sums = builder.Node("layer", layer(builder), [bytes], Layout.Nchw, TensorType.Float32);
        builder.Output(builder.Node("end", function, sums));
        var model = RandomWeights.For(builder.Build(), seed: 1);
        // Sums of a few units, where the functions are no lines.
        model.Weights["scale"] = new WeightTensor(
            model.Weights["scale"].Shape,
            [.. model.Weights["scale"].Values.Select(scale => scale * 0.01f)]
        );
        return new KernelCase(name, model, Subp.Compiler.UnrollMode.Auto);
    }

    private static Linear Linear(GraphBuilder builder) =>
        new()
        {
            Weight = builder.Parameter("weight", new TensorShape(10, 24), ElementType.Int8),
            WeightScale = builder.Parameter("scale", new TensorShape(10)),
        };

    private static Conv2d Convolution(GraphBuilder builder) =>
        new()
        {
            Weight = builder.Parameter("weight", new TensorShape(21, 16, 1, 1), ElementType.Int8),
            WeightScale = builder.Parameter("scale", new TensorShape(21)),
            Window = Window.Square(1),
        };
}
