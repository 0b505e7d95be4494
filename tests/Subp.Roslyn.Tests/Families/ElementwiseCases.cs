using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>The element-wise family: every function, every way of repeating.</summary>
internal static class ElementwiseCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (var kind in Enum.GetValues<ActivationKind>().Where(kind => kind != ActivationKind.Clamp))
        {
            var activation = Activation.Of(kind);
            // Within the domain of every function, and where it is no step.
            yield return Case(
                $"activate-{activation.Word.Replace('_', '-')}",
                [3, 5, 7],
                (builder, x) =>
                    builder.Node(
                        "end",
                        new Binary { Kind = BinaryKind.Subtract },
                        builder.Node("y", new Activate(activation), Within(builder, x, kind)),
                        x
                    )
            );
        }

        foreach (var kind in Enum.GetValues<BinaryKind>())
            yield return Case(
                $"binary-{kind}",
                [2, 3, 37],
                (builder, x) =>
                    builder.Node(
                        "end",
                        new Add(),
                        builder.Node("y", new Binary { Kind = kind }, Within(builder, x, ActivationKind.Sqrt), Constant(builder, [3, 1])),
                        x
                    )
            );
        yield return Case(
            "add-scalar",
            [],
            (builder, x) => builder.Node("y", new Add { Activation = Activation.Relu6 }, x, Constant(builder, []))
        );
        yield return Case("add-row", [9, 4, 33], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [33])));
        yield return Case("add-narrow", [500, 3], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [3])));
        yield return Case("add-outer", [4, 1, 5], (builder, x) => builder.Node("y", new Add(), x, Constant(builder, [2, 3, 1, 6, 1])));
        yield return Case("mul-long", [5000], (builder, x) => builder.Node("y", new Mul { Activation = Activation.HardSwish }, x, x));
        yield return Case("norm-rank3", [2, 5, 9], (builder, x) => builder.BatchNorm("y", x));
        yield return Case("norm-rank5", [2, 18, 3, 2, 2], (builder, x) => builder.BatchNorm("y", x));
        yield return Case(
            "where",
            [4, 1, 20],
            (builder, x) =>
                builder.Node(
                    "y",
                    new Where(),
                    builder.Node("m", new Binary { Kind = BinaryKind.Greater }, x, Constant(builder, [5, 1])),
                    x,
                    Constant(builder, [20])
                )
        );
    }

    private static string Within(GraphBuilder builder, string x, ActivationKind kind) =>
        kind switch
        {
            // Not of an exponential, from whose logarithm the end of the network would take the same number away.
            ActivationKind.Log => builder.Node("positive", new Activate(Activation.Of(ActivationKind.Softplus)), x),
            ActivationKind.Sqrt or ActivationKind.Reciprocal => builder.Node(
                "positive",
                new Activate(Activation.Of(ActivationKind.Exp)),
                x
            ),
            ActivationKind.Acosh => builder.Node("above", new Activate(new Activation(1.1f, 9)), x),
            ActivationKind.Asin or ActivationKind.Acos or ActivationKind.Atanh => builder.Node(
                "inside",
                new Activate(Activation.Of(ActivationKind.Softsign)),
                x
            ),
            _ => x,
        };
}
