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

    /// <summary>The steps of a dense value in row-major order.</summary>
    public static int[] Strides(TensorShape shape)
    {
        var strides = new int[shape.Rank];
        var stride = 1;
        for (var axis = shape.Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }

    /// <summary>The steps through a value that is broadcast to a shape: 0 along an axis that is repeated.</summary>
    public static int[] Broadcast(TensorShape value, TensorShape result)
    {
        var own = Strides(value);
        var missing = result.Rank - value.Rank;
        var strides = new int[result.Rank];
        for (var axis = missing; axis < result.Rank; axis++)
            strides[axis] = value[axis - missing] == 1 ? 0 : own[axis - missing];
        return strides;
    }

    /// <summary>How many elements lie below one index of an axis.</summary>
    public static int Inner(TensorShape shape, int axis) => Strides(shape)[axis];
}
