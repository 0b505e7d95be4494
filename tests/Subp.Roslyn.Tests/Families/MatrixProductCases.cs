using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>Products with full and odd tiles, of values and weights, with batches that are repeated.</summary>
internal static class MatrixProductCases
{
    public static IEnumerable<KernelCase> All()
    {
        yield return Case("matmul", [2, 3, 13, 20], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [2, 3, 20, 37])));
        yield return Case("matmul-small", [5, 2, 3], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [5, 3, 4])));
        yield return Case("matmul-shared", [4, 7, 30], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [30, 32])));
        yield return Case("matmul-outer", [3, 1, 5, 6], (builder, x) => Node(builder, new MatMul(), x, Constant(builder, [1, 4, 6, 18])));
        yield return Case(
            "attention",
            [1, 4, 25, 16],
            (builder, x) =>
                Node(
                    builder,
                    new MatMul(),
                    builder.Node(
                        "weights",
                        new Softmax { Axis = 3 },
                        builder.Node(
                            "scores",
                            new MatMul(),
                            x,
                            builder.Node("keys", new Transpose { Permutation = new[] { 0, 1, 3, 2 } }, x)
                        )
                    ),
                    x
                )
        );
        yield return Case(
            "linear-3",
            [3, 9, 25],
            (builder, x) => LinearLayer(builder, x, 40, Activation.Of(ActivationKind.Gelu), bias: true)
        );
        yield return Case("linear-1", [25], (builder, x) => LinearLayer(builder, x, 7, Activation.Relu, bias: true));
        yield return Case("linear-plain", [2, 5, 3, 8], (builder, x) => LinearLayer(builder, x, 16, Activation.None, bias: false));
    }

    private static string LinearLayer(GraphBuilder builder, string x, int outputs, Activation activation, bool bias)
    {
        var shape = builder.ShapeOf(x);
        return Node(
            builder,
            new Linear
            {
                Weight = builder.Parameter("weight", new TensorShape(outputs, shape[shape.Rank - 1])),
                Bias = bias ? builder.Parameter("bias", new TensorShape(outputs)) : null,
                Activation = activation,
            },
            x
        );
    }
}
