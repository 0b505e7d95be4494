using System.Globalization;
using Subp.Core.Diagnostics;

namespace Subp.Core.Graphs;

/// <summary>The extents of a tensor, outermost first; images are [batch, channels, height, width], vectors [batch, features].</summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>The largest number of elements of one tensor: offsets in emitted code are 32-bit byte counts.</summary>
    public const long MaximumElementCount = int.MaxValue / sizeof(float);

    /// <summary>The largest number of dimensions of a value.</summary>
    public const int MaximumRank = 8;

    private readonly int[] _dimensions;

    /// <summary>Creates a shape.</summary>
    /// <exception cref="SubpException">A dimension is below 1 or the tensor is larger than <see cref="MaximumElementCount"/>.</exception>
    public TensorShape(params int[] dimensions)
    {
        _dimensions = (int[])dimensions.Clone();
        long count = 1;
        foreach (var dimension in _dimensions)
        {
            if (dimension < 1)
                throw new SubpException(
                    DiagnosticDescriptors.ShapeMismatch,
                    "",
                    $"the shape {Format(_dimensions)}",
                    "dimensions of at least 1"
                );
            count *= dimension;
            if (count > MaximumElementCount)
                throw new SubpException(
                    DiagnosticDescriptors.TooLarge,
                    "",
                    $"the shape {Format(_dimensions)}",
                    string.Format(CultureInfo.InvariantCulture, "at most {0} elements", MaximumElementCount)
                );
        }

        ElementCount = (int)count;
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <summary>The product of the dimensions; 1 for a scalar.</summary>
    public int ElementCount { get; }

    /// <summary>The dimensions, outermost first.</summary>
    public IReadOnlyList<int> Dimensions => _dimensions;

    /// <summary>The extent of one dimension.</summary>
    public int this[int index] => _dimensions[index];

    /// <summary>Images only: the batch size.</summary>
    public int Batch => _dimensions[0];

    /// <summary>Images and vectors: the number of channels or features.</summary>
    public int Channels => _dimensions[1];

    /// <summary>Images only: the height.</summary>
    public int Height => _dimensions[2];

    /// <summary>Images only: the width.</summary>
    public int Width => _dimensions[3];

    /// <summary>True for [batch, channels, height, width].</summary>
    public bool IsImage => Rank == 4;

    /// <summary>True for [batch, features].</summary>
    public bool IsVector => Rank == 2;

    /// <summary>True where both have the same dimensions.</summary>
    public bool Equals(TensorShape? other) => other is not null && _dimensions.SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = 17;
        foreach (var dimension in _dimensions)
            hash = unchecked((hash * 31) + dimension);
        return hash;
    }

    /// <summary>The text form, for example <c>[1,64,56,56]</c>.</summary>
    public override string ToString() => Format(_dimensions);

    private static string Format(int[] dimensions) =>
        "[" + string.Join(",", dimensions.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture))) + "]";
}
