using Subp.Onnx.Protos;

namespace Subp.Onnx.Import.Folding;

/// <summary>Elements that are picked, joined and turned, not computed; and the shape of a value.</summary>
internal static class MovingFolds
{
    private const int AxesInputOpset = 13;
    private const int LargestRank = 16;

    public static FoldedTensor Shape(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        long[] shape = context.Node.Input(0, "input") switch
        {
            GraphValue value => [.. value.Shape.Dimensions.Select(extent => (long)extent)],
            ViewValue view => view.Shape,
            ConstantValue constant => [.. constant.Tensor.Dimensions.Select(extent => (long)extent)],
            _ => throw new InvalidOperationException("A value without a shape."),
        };
        var start = Bound(context.Node.Attributes.Integer("start", 0), shape.Length);
        var end = Bound(context.Node.Attributes.Integer("end", shape.Length), shape.Length);
        var part = end > start ? shape[start..end] : [];
        return FoldedTensor.Of([part.Length], part);
    }

    public static FoldedTensor ConstantOfShape(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var shape = context.Integers(0, "shape")!;
        var count = context.Count(shape);
        int[] dimensions = [.. shape.Select(extent => (int)extent)];
        var given = context.Node.Attributes.Any("value");
        if (given is null)
            return FoldedTensor.Of(dimensions, new float[count]);
        if (given.Type != AttributeProto.Types.AttributeType.Tensor || given.T is null)
            throw context.Node.Attributes.Invalid($"'value' of type {given.Type}", "a tensor of one element");
        var value = FoldedTensor.Read(context.Node.AttributeTensor(given.T));
        return value.Count == 1
            ? value.Take(dimensions, new int[count])
            : throw context.Node.Attributes.Invalid(FormattableString.Invariant($"'value' of {value.Count} elements"), "one element");
    }

    public static FoldedTensor Gather(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var (data, indices) = (context.Input(0, "data"), context.Input(1, "indices"));
        var axis = Axes.Normalize(context.Node, context.Node.Attributes.Integer("axis", 0), data.Dimensions.Length);
        var extent = data.Dimensions[axis];
        foreach (var index in indices.Integers)
        {
            if (index < -extent || index >= extent)
                throw context.Node.Unsupported(
                    FormattableString.Invariant($"the index {index}"),
                    FormattableString.Invariant($"{-extent} to {extent - 1}")
                );
        }

        int[] dimensions = [.. data.Dimensions[..axis], .. indices.Dimensions, .. data.Dimensions[(axis + 1)..]];
        var places = new int[context.Count([.. dimensions.Select(value => (long)value)])];
        var inner = Product(data.Dimensions[(axis + 1)..]);
        for (var place = 0; place < places.Length; place++)
        {
            var (outer, rest) = Math.DivRem(place, inner * indices.Count);
            var index = indices.Integers[rest / inner];
            places[place] = (((outer * extent) + (int)(index < 0 ? index + extent : index)) * inner) + (rest % inner);
        }

        return data.Take(dimensions, places);
    }

    public static FoldedTensor Concat(FoldContext context)
    {
        var parts = Enumerable.Range(0, context.Node.InputCount).Select(index => context.Input(index, "operand")).ToArray();
        var axis = Axes.Normalize(context.Node, context.Node.Attributes.Integer("axis", 0), Math.Max(1, parts[0].Dimensions.Length));
        foreach (var part in parts)
        {
            if (
                part.Type != parts[0].Type
                || part.Dimensions.Length != parts[0].Dimensions.Length
                || part.Dimensions.Length == 0
                || part.Dimensions.Where((_, other) => other != axis).SequenceEqual(parts[0].Dimensions.Where((_, other) => other != axis))
                    is false
            )
                throw context.Node.Unsupported("constants that do not fit together", "one type, and shapes that differ in one axis");
        }

        int[] dimensions = [.. parts[0].Dimensions];
        dimensions[axis] = parts.Sum(part => part.Dimensions[axis]);
        context.Count([.. dimensions.Select(extent => (long)extent)]);
        var rows = Product(dimensions[..axis]);
        var (integers, reals) = (new List<long>(), new List<float>());
        for (var row = 0; row < rows; row++)
        {
            foreach (var part in parts)
            {
                var length = part.Count / rows;
                if (part.IsReal)
                    reals.AddRange(part.Reals.AsSpan(row * length, length));
                else
                    integers.AddRange(part.Integers.AsSpan(row * length, length));
            }
        }

        return new FoldedTensor(dimensions, parts[0].Type, [.. integers], [.. reals]);
    }

    public static FoldedTensor Reshape(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var input = context.Input(0, "input");
        var target = Reshaping.Target(context.Node, [.. input.Dimensions.Select(extent => (long)extent)]);
        return input.WithDimensions([.. target.Select(extent => (int)extent)]);
    }

    public static FoldedTensor Slice(FoldContext context)
    {
        var result = context.Input(0, "data");
        foreach (var (axis, begin, end, step) in SliceReader.Read(context.Node, [.. result.Dimensions.Select(extent => (long)extent)]))
        {
            int[] dimensions = [.. result.Dimensions];
            var taken = end > begin ? ((end - begin - 1) / step) + 1 : 0;
            dimensions[axis] = taken;
            var inner = Product(dimensions[(axis + 1)..]);
            var places = new int[Product(dimensions)];
            for (var place = 0; place < places.Length; place++)
            {
                var row = place / inner;
                places[place] = (((row / taken * result.Dimensions[axis]) + begin + (row % taken * step)) * inner) + (place % inner);
            }

            result = result.Take(dimensions, places);
        }

        return result;
    }

    public static FoldedTensor Squeeze(FoldContext context)
    {
        var input = context.Input(0, "input");
        var axes =
            Axes.Read(context.Node, input.Dimensions.Length, AxesInputOpset, inputIndex: 1)
            ?? [.. Enumerable.Range(0, input.Dimensions.Length).Where(axis => input.Dimensions[axis] == 1)];
        foreach (var axis in axes.Where(axis => input.Dimensions[axis] != 1))
            throw context.Node.Attributes.Invalid(
                FormattableString.Invariant($"the axis {axis} of extent {input.Dimensions[axis]}"),
                "an axis of extent 1"
            );
        return input.WithDimensions([.. input.Dimensions.Where((_, axis) => !axes.Contains(axis))]);
    }

    public static FoldedTensor Unsqueeze(FoldContext context)
    {
        var input = context.Input(0, "input");
        return input.WithDimensions([
            .. Axes.Inserted(context.Node, [.. input.Dimensions.Select(extent => (long)extent)]).Select(extent => (int)extent),
        ]);
    }

    public static FoldedTensor Transpose(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        var rank = input.Dimensions.Length;
        var permutation = Axes.Permutation(context.Node, rank);
        var strides = new int[rank];
        for (var (axis, stride) = (rank - 1, 1); axis >= 0; stride *= input.Dimensions[axis], axis--)
            strides[axis] = stride;
        int[] dimensions = [.. permutation.Select(axis => input.Dimensions[axis])];
        var places = new int[input.Count];
        var (coordinates, current) = (new int[Math.Min(rank, LargestRank)], 0);
        for (var place = 0; place < places.Length; place++)
        {
            places[place] = current;
            for (var axis = rank - 1; axis >= 0; axis--)
            {
                current += strides[permutation[axis]];
                if (++coordinates[axis] < dimensions[axis])
                    break;
                current -= strides[permutation[axis]] * dimensions[axis];
                coordinates[axis] = 0;
            }
        }

        return input.Take(dimensions, places);
    }

    private static int Bound(int index, int rank) => Math.Clamp(index < 0 ? index + rank : index, 0, rank);

    private static int Product(IEnumerable<int> extents) => extents.Aggregate(1, (product, extent) => product * extent);
}
