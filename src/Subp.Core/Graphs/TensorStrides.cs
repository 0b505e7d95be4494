namespace Subp.Core.Graphs;

/// <summary>Distances, in elements, between neighbours along each axis of a value that lies in row-major order without gaps.</summary>
public static class TensorStrides
{
    /// <summary>The distances of a shape, one for each axis; the last is 1.</summary>
    public static int[] RowMajor(TensorShape shape)
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

    /// <summary>
    /// The distances through a value that is repeated to a shape of as many or more axes: 0 along an axis that it lacks or has once.
    /// </summary>
    public static int[] Broadcast(TensorShape value, TensorShape result)
    {
        var own = RowMajor(value);
        var missing = result.Rank - value.Rank;
        var strides = new int[result.Rank];
        for (var axis = missing; axis < result.Rank; axis++)
            strides[axis] = value[axis - missing] == 1 ? 0 : own[axis - missing];
        return strides;
    }
}
