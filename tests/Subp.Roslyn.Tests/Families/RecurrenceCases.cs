using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Roslyn.Tests.Kernels;
using static Subp.Roslyn.Tests.Families.DenseNetworks;

namespace Subp.Roslyn.Tests.Families;

/// <summary>
/// Recurrences in both directions: hidden units that fill vectors and panels and that do not, a single sequence, several, and more than a
/// call takes, with and without first states.
/// </summary>
internal static class RecurrenceCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (var kind in Enum.GetValues<RecurrenceKind>())
        {
            foreach (var resets in kind == RecurrenceKind.Gru ? (bool[])[false, true] : [false])
            {
                var layer = new Recurrence
                {
                    Kind = kind,
                    Weight = "r",
                    ResetsProduct = resets,
                    Bias = resets ? "rb" : null,
                };
                var name = resets ? $"{layer.Mnemonic}-product" : layer.Mnemonic;
                yield return Layer($"{name}-one", 7, 1, 20, layer);
                yield return Layer($"{name}-tiny", 3, 1, 3, layer with { IsReverse = true });
                yield return Layer($"{name}-panels", 5, 1, 64, layer with { IsReverse = true, IsRelu = kind == RecurrenceKind.Simple });
                yield return Layer($"{name}-batch", 4, 2, 33, layer);
                yield return Layer($"{name}-first", 5, 9, 17, layer with { IsReverse = true }, hasFirst: true);
                yield return Layer($"{name}-step", 1, 5, 24, layer, hasFirst: true);
            }
        }

        var lstm = new Recurrence
        {
            Kind = RecurrenceKind.Lstm,
            Weight = "r",
            KeepsCell = true,
        };
        yield return Layer("lstm-cells", 6, 5, 19, lstm with { IsReverse = true });
        yield return Layer("lstm-cells-first", 3, 1, 16, lstm, hasFirst: true);
        yield return Layer(
            "gru-product-plain",
            6,
            3,
            21,
            new Recurrence
            {
                Kind = RecurrenceKind.Gru,
                Weight = "r",
                ResetsProduct = true,
            }
        );
        yield return Bidirectional();
    }

    private static KernelCase Layer(string name, int steps, int batch, int hidden, Recurrence layer, bool hasFirst = false) =>
        Case(
            name,
            [steps, batch, layer.Gates * hidden],
            (builder, x) =>
            {
                builder.Parameter("r", new TensorShape(layer.Gates * hidden, hidden));
                if (layer.Bias is not null)
                    builder.Parameter(layer.Bias, new TensorShape(hidden));
                string State(int part) =>
                    builder.Node(
                        $"first{part}",
                        new Constant { Value = builder.Parameter($"first{part}.value", new TensorShape(batch, hidden)) }
                    );
                string[] inputs = !hasFirst ? [x] : [x, State(0), .. layer.Kind == RecurrenceKind.Lstm ? (string[])[State(1)] : []];
                return Node(builder, layer, inputs);
            }
        );

    // Both directions of the same values, joined, behind products with all steps.
    private static KernelCase Bidirectional() =>
        Case(
            "lstm-bidirectional",
            [6, 2, 10],
            (builder, x) =>
            {
                string Direction(bool isReverse)
                {
                    var name = isReverse ? "back" : "forth";
                    var linear = new Linear
                    {
                        Weight = builder.Parameter($"{name}.w", new TensorShape(4 * 12, 10)),
                        Bias = builder.Parameter($"{name}.b", new TensorShape(4 * 12)),
                    };
                    var layer = new Recurrence
                    {
                        Kind = RecurrenceKind.Lstm,
                        Weight = builder.Parameter($"{name}.r", new TensorShape(4 * 12, 12)),
                        IsReverse = isReverse,
                    };
                    return builder.Node(name, layer, builder.Node($"{name}.projected", linear, x));
                }

                return Node(builder, new Concat { Axis = 2 }, Direction(false), Direction(true));
            }
        );
}
