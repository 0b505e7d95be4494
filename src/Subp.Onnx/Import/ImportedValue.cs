using Subp.Core.Graphs;

namespace Subp.Onnx.Import;

/// <summary>What the name of an ONNX value stands for while importing.</summary>
internal abstract record ImportedValue;

/// <summary>A value that the network computes.</summary>
/// <param name="Name">Its name in the graph; several ONNX names may stand for one graph value.</param>
/// <param name="Shape">Its shape.</param>
internal sealed record GraphValue(string Name, TensorShape Shape) : ImportedValue;

/// <summary>A value known at import.</summary>
/// <param name="Tensor">The constant.</param>
internal sealed record ConstantValue(ConstantTensor Tensor) : ImportedValue;

/// <summary>
/// The elements of a graph value in an order or with dimensions that no operator of the graph produces by itself; a later node brings it
/// back into a form that the graph has, or is an error.
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
