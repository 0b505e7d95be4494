using Subp.Core.Graphs;

namespace Subp.Core.Interpretation;

/// <summary>Where each element of a result lies in an input that is walked with a step per axis.</summary>
internal static class StridedIndex
{
    /// <summary>The index of every element in row-major order: start + the sum of coordinate * stride.</summary>
    public static int[] Of(IReadOnlyList<int> extents, int[] strides, int start = 0)
    {
        var count = 1;
        foreach (var extent in extents)
            count *= extent;
        var indices = new int[count];
        var coordinates = new int[extents.Count];
        var current = start;
        for (var element = 0; element < count; element++)
        {
            indices[element] = current;
            for (var axis = extents.Count - 1; axis >= 0; axis--)
            {
                current += strides[axis];
                if (++coordinates[axis] < extents[axis])
                    break;
                current -= extents[axis] * strides[axis];
                coordinates[axis] = 0;
            }
        }

        return indices;
    }

    /// <summary>How many elements lie below one index of an axis.</summary>
    public static int Inner(TensorShape shape, int axis) => TensorStrides.RowMajor(shape)[axis];
}
