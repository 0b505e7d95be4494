namespace Subp.Onnx.Import.Folding;

/// <summary>How constants of different shapes meet element by element, as in numpy.</summary>
internal static class Broadcasting
{
    /// <summary>The dimensions of the result, and for each of its elements the place of both operands.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The shapes do not fit, or the result is too large.</exception>
    public static (int[] Dimensions, int[] Left, int[] Right) Meet(FoldContext context, FoldedTensor left, FoldedTensor right)
    {
        var rank = Math.Max(left.Dimensions.Length, right.Dimensions.Length);
        var dimensions = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var (a, b) = (Extent(left, axis, rank), Extent(right, axis, rank));
            if (a != b && a != 1 && b != 1)
                throw context.Node.Unsupported(
                    $"constants of shapes [{string.Join(",", left.Dimensions)}] and [{string.Join(",", right.Dimensions)}]",
                    "shapes that broadcast"
                );
            dimensions[axis] = a == 1 ? b : a;
        }

        var count = context.Count(dimensions);
        int[] extents = [.. dimensions.Select(extent => (int)extent)];
        return (extents, Places(left, extents, count), Places(right, extents, count));
    }

    /// <summary>For each element of a result of some dimensions the place in a tensor that is repeated along axes of extent 1.</summary>
    public static int[] Places(FoldedTensor tensor, int[] extents, int count)
    {
        var places = new int[count];
        if (tensor.Dimensions.AsSpan().SequenceEqual(extents))
        {
            for (var index = 0; index < count; index++)
                places[index] = index;
            return places;
        }

        for (var index = 0; index < count; index++)
        {
            var (rest, stride, place) = (index, 1, 0);
            for (var axis = extents.Length - 1; axis >= 0; axis--)
            {
                var coordinate = rest % extents[axis];
                rest /= extents[axis];
                var own = Extent(tensor, axis, extents.Length);
                place += own == 1 ? 0 : coordinate * stride;
                stride *= own;
            }

            places[index] = place;
        }

        return places;
    }

    private static int Extent(FoldedTensor tensor, int axis, int rank)
    {
        var own = axis - (rank - tensor.Dimensions.Length);
        return own < 0 ? 1 : tensor.Dimensions[own];
    }
}
