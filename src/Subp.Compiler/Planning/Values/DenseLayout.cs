using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Values;

/// <summary>
/// The arithmetic of <see cref="Layout.Dense"/>: elements in row-major order, without gaps, without a halo, at any rank. The caller's
/// inputs and outputs and the values of parameters lie like this, too. All distances are in floats.
/// </summary>
internal static class DenseLayout
{
    /// <summary>The distance of two elements along each axis.</summary>
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

    /// <summary>
    /// The distances through a value that is repeated to a shape of as many or more axes: 0 along an axis that it lacks or has once.
    /// </summary>
    public static int[] Broadcast(TensorShape value, TensorShape result)
    {
        var own = Strides(value);
        var missing = result.Rank - value.Rank;
        var strides = new int[result.Rank];
        for (var axis = missing; axis < result.Rank; axis++)
            strides[axis] = value[axis - missing] == 1 ? 0 : own[axis - missing];
        return strides;
    }

    /// <summary>The buffer of a value; its offset comes later.</summary>
    public static BufferPlan Buffer(GraphNode node)
    {
        var images = node.Shape.Rank == 0 ? 1 : node.Shape[0];
        return new BufferPlan
        {
            Value = node.Name,
            Shape = node.Shape,
            Layout = Layout.Dense,
            Halo = Halo.None,
            PixelStride = 1,
            RowPitch = node.Shape.Rank == 0 ? 1 : node.Shape[node.Shape.Rank - 1],
            PlaneStride = 1,
            BatchStride = node.Shape.ElementCount / images,
            Length = BufferPlanner.RoundUp(node.Shape.ElementCount),
        };
    }
}
