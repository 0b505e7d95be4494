using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>What the name of an ONNX value stands for while importing.</summary>
internal abstract record ImportedValue;

/// <summary>What the elements of a value mean in the model; the graph computes all of them as floats.</summary>
internal enum ElementKind
{
    /// <summary>Real numbers.</summary>
    Real,

    /// <summary>Integers, exact up to 2^24.</summary>
    Integer,

    /// <summary>Truth values as 0 and 1.</summary>
    Truth,

    /// <summary>Quantised bytes.</summary>
    Byte,
}

/// <summary>A value that the network computes, or a constant where an operator reads it like one.</summary>
/// <param name="Name">Its name in the graph; several ONNX names may stand for one graph value.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record GraphValue(string Name, TensorShape Shape) : ImportedValue
{
    /// <summary>What its elements mean.</summary>
    public ElementKind Kind { get; init; }

    /// <summary>Bytes only: whether the model has them as signed bytes; the graph has unsigned ones, 128 larger.</summary>
    public bool IsSigned { get; init; }

    /// <summary>Its elements where they are known; the graph gets a node for it when a computed value meets it.</summary>
    public ConstantTensor? Constant { get; init; }

    /// <summary>The dimensions.</summary>
    public long[] Dimensions => [.. Shape.Dimensions.Select(extent => (long)extent)];
}

/// <summary>A value known at import.</summary>
/// <param name="Tensor">The constant.</param>
internal sealed record ConstantValue(ConstantTensor Tensor) : ImportedValue;

/// <summary>
/// The elements of a graph value in another order or with other dimensions. What a later node makes of it decides which operators it
/// becomes: nothing, a reshape, a channel shuffle, or a reshape and a transpose.
/// </summary>
/// <param name="Source">The graph value.</param>
/// <param name="Split">The dimensions as which the source is read.</param>
/// <param name="Permutation">How these are then permuted.</param>
internal sealed record ViewValue(GraphValue Source, long[] Split, int[] Permutation) : ImportedValue
{
    /// <summary>The dimensions of the view.</summary>
    public long[] Shape => [.. Permutation.Select(axis => Split[axis])];

    /// <summary>True where no element moves: the view is a plain reshape.</summary>
    public bool KeepsOrder => Permutation.SequenceEqual(Enumerable.Range(0, Permutation.Length));

    /// <summary>A reshaped value.</summary>
    public static ViewValue Reshaped(GraphValue source, long[] shape) => new(source, shape, [.. Enumerable.Range(0, shape.Length)]);
}
