using Subp.Core.Graphs;

namespace Subp.Compiler.Planning.Values;

/// <summary>
/// The place of a value in <see cref="Layout.Dense"/>: elements in row-major order, without gaps, without a halo, at any rank. The caller's
/// inputs and outputs and the values of parameters lie like this, too; <see cref="TensorStrides"/> has the
/// distances of its elements.
/// </summary>
internal static class DenseLayout
{
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
