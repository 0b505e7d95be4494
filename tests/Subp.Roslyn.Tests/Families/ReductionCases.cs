using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>The reducing family: along runs and across lanes, with odd ends, and what is made of sums.</summary>
internal static class ReductionCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (var kind in Enum.GetValues<ReduceKind>())
        {
            var isLogarithm = kind == ReduceKind.LogSum;
            yield return Case(
                $"reduce-along-{kind}",
                [3, 4, 37],
                (builder, x) => Node(builder, new Reduce { Kind = kind, Axes = new[] { 2 } }, isLogarithm ? Positive(builder, x) : x)
            );
            yield return Case(
                $"reduce-across-{kind}",
                [3, 6, 21],
                (builder, x) =>
                    Node(
                        builder,
                        new Reduce
                        {
                            Kind = kind,
                            Axes = new[] { 1 },
                            KeepDimensions = false,
                        },
                        isLogarithm ? Positive(builder, x) : x
                    )
            );
        }

        yield return Case(
            "reduce-many",
            [200, 70],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 0 } }, x)
        );
        yield return Case(
            "reduce-outer",
            [4, 3, 5, 18],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.Mean, Axes = new[] { 0, 2 } }, x)
        );
        yield return Case(
            "reduce-split",
            [4, 3, 5, 18],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.Sum, Axes = new[] { 1, 3 } }, x)
        );
        yield return Case(
            "reduce-all",
            [7, 300],
            (builder, x) =>
                Node(
                    builder,
                    new Reduce
                    {
                        Kind = ReduceKind.L2,
                        Axes = new[] { 0, 1 },
                        KeepDimensions = false,
                    },
                    x
                )
        );
        yield return Case(
            "reduce-none",
            [7, 30],
            (builder, x) => Node(builder, new Reduce { Kind = ReduceKind.L1, Axes = Array.Empty<int>() }, x)
        );
        foreach (var axis in new[] { 0, 1, 2 })
        {
            yield return Case($"softmax-{axis}", [5, 7, 21], (builder, x) => Node(builder, new Softmax { Axis = axis }, x));
            yield return Case(
                $"log-softmax-{axis}",
                [5, 7, 21],
                (builder, x) => Node(builder, new Softmax { Axis = axis, IsLogarithm = true }, x)
            );
            yield return Case($"arg-max-{axis}", [5, 7, 21], (builder, x) => Node(builder, new ArgExtreme { Axis = axis }, x));
        }

        yield return Case(
            "arg-min-last",
            [5, 7],
            (builder, x) =>
                Node(
                    builder,
                    new ArgExtreme
                    {
                        Axis = 1,
                        IsMinimum = true,
                        SelectsLast = true,
                    },
                    x
                )
        );
        foreach (var (axis, count, smallest) in new[] { (0, 3, false), (1, 7, true), (2, 1, false), (2, 6, true), (2, 21, false) })
            yield return Case($"top-{count}-of-{axis}", [5, 7, 21], (builder, x) => Best(builder, x, axis, count, smallest));
        // Many equal elements, in whose order the places tell them apart.
        yield return Case("top-of-signs", [9, 40], (builder, x) => Best(builder, Signs(builder, x), 1, 30, false));
        yield return Case("instance-norm", [2, 5, 6, 7], (builder, x) => Normalized(builder, x, [2, 3], [5, 1, 1], 1));
        yield return Case("group-norm", [2, 6, 3, 5], (builder, x) => Normalized(builder, x, [1, 2, 3], [6, 1, 1], 3));
        yield return Case("layer-norm", [2, 9, 20], (builder, x) => Normalized(builder, x, [2], [20], 1));
        yield return Case("norm-across", [2, 9, 20], (builder, x) => Normalized(builder, x, [1], [9, 1], 1));
        yield return Case("rms-norm", [3, 50], (builder, x) => Node(builder, new Normalize { Axes = new[] { 1 }, KeepsMean = true }, x));
    }

    private static string Normalized(GraphBuilder builder, string x, int[] axes, int[] factors, int groups) =>
        Node(
            builder,
            new Normalize
            {
                Axes = axes,
                Groups = groups,
                Scale = builder.Parameter("scale", new TensorShape(factors)),
                Shift = builder.Parameter("shift", new TensorShape(factors)),
            },
            x
        );

    private static string Best(GraphBuilder builder, string x, int axis, int count, bool smallest) =>
        Node(
            builder,
            new TopIndices
            {
                Axis = axis,
                Count = count,
                IsSmallest = smallest,
            },
            x
        );

    private static string Signs(GraphBuilder builder, string x) =>
        builder.Node("signs", new Activate(Activation.Of(ActivationKind.Sign)), x);

    private static string Positive(GraphBuilder builder, string x) =>
        builder.Node("exp", new Activate(Activation.Of(ActivationKind.Exp)), x);
}
