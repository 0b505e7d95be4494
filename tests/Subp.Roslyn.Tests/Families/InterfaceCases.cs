using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Several inputs and outputs, in layouts of every kind, and values that are both read and returned.</summary>
internal static class InterfaceCases
{
    public static IEnumerable<KernelCase> All()
    {
        yield return Several(
            "two-inputs",
            builder =>
            {
                var sum = builder.Node(
                    "sum",
                    new Add(),
                    builder.Input("left", new TensorShape(3, 1, 5)),
                    builder.Input("right", new TensorShape(4, 1))
                );
                builder.Output(sum);
            }
        );
        yield return Several(
            "three-outputs",
            builder =>
            {
                var image = builder.Input("image", new TensorShape(2, 3, 8, 8));
                var features = builder.Conv2d("conv", image, 20, Window.Square(3, padding: 1), activation: Activation.Relu);
                builder.Output(builder.Node("scores", new Softmax { Axis = 1 }, features));
                builder.Output(features);
                builder.Output(
                    builder.Node(
                        "boxes",
                        new Reshape(2, 10, 128),
                        builder.Node("moved", new Transpose { Permutation = new[] { 0, 2, 3, 1 } }, features)
                    )
                );
            }
        );
        yield return Several(
            "gate-of-vector",
            builder =>
            {
                var image = builder.Input("image", new TensorShape(1, 12, 6, 6));
                var mask = builder.Input("mask", new TensorShape(1, 1, 6, 6));
                builder.Output(builder.Conv2d("conv", builder.Node("masked", new Mul(), image, mask), 16, Window.Square(3, padding: 1)));
                builder.Output(mask);
            }
        );
    }

    private static KernelCase Several(string name, Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder(name);
        build(builder);
        return new KernelCase(name, RandomWeights.For(builder.Build(), seed: 1), UnrollMode.Auto);
    }
}
