using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// Combines all elements along some axes into one. The mean of the planes of an image is <see cref="GlobalAveragePool"/> where it is a
/// layer
/// of a CNN; both compute the same.
/// </summary>
public sealed record Reduce : Operator
{
    private static readonly string[] Words =
    [
        "reduce_sum",
        "reduce_mean",
        "reduce_max",
        "reduce_min",
        "reduce_prod",
        "reduce_l1",
        "reduce_l2",
        "reduce_sum_square",
        "reduce_log_sum",
        "reduce_log_sum_exp",
    ];

    /// <summary>How the elements are combined.</summary>
    public required ReduceKind Kind { get; init; }

    /// <summary>The axes along which is reduced, ascending, counted from 0; none leaves every element by itself.</summary>
    public required EquatableList<int> Axes { get; init; }

    /// <summary>Whether a reduced axis stays as one of extent 1.</summary>
    public bool KeepDimensions { get; init; } = true;

    /// <inheritdoc/>
    public override string Mnemonic => Words[(int)Kind];

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context)
    {
        var shape = context.Inputs[0];
        context.RequireAxes("axes", Axes, shape);
        return Reduced(shape, Axes, KeepDimensions);
    }

    /// <inheritdoc/>
    public override void WriteAttributes(IAttributeWriter writer)
    {
        writer.Write("axes", [.. Axes]);
        if (!KeepDimensions)
            writer.Write("keep", 0);
    }

    internal static TensorShape Reduced(TensorShape shape, IReadOnlyList<int> axes, bool keep) =>
        new([
            .. shape.Dimensions.Select((extent, axis) => axes.Contains(axis) ? 1 : extent).Where((_, axis) => keep || !axes.Contains(axis)),
        ]);

    internal static IEnumerable<KeyValuePair<string, Func<IAttributeReader, Operator>>> Readers =>
        Words.Select(
            (word, kind) =>
                new KeyValuePair<string, Func<IAttributeReader, Operator>>(
                    word,
                    reader => new Reduce
                    {
                        Kind = (ReduceKind)kind,
                        Axes = reader.Integers("axes"),
                        KeepDimensions = reader.Integer("keep", 1) != 0,
                    }
                )
        );
}

/// <summary>How a <see cref="Reduce"/> combines elements.</summary>
public enum ReduceKind
{
    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The sum divided by the number of elements.</summary>
    Mean,

    /// <summary>The largest element.</summary>
    Maximum,

    /// <summary>The smallest element.</summary>
    Minimum,

    /// <summary>The product.</summary>
    Product,

    /// <summary>The sum of the magnitudes.</summary>
    L1,

    /// <summary>The square root of the sum of the squares.</summary>
    L2,

    /// <summary>The sum of the squares.</summary>
    SumSquare,

    /// <summary>The logarithm of the sum.</summary>
    LogSum,

    /// <summary>The logarithm of the sum of exp(x), computed without overflow.</summary>
    LogSumExp,
}
