namespace Subp.Onnx.Import.Folding;

/// <summary>Elements that are picked, joined and turned, not computed.</summary>
internal static class MovingFolds
{
    private const int AxesInputOpset = 13;

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
        context.Node.RequireInputs(context.Node.Opset < Reshaping.ShapeInputOpset ? 1 : 2, 2);
        var input = context.Input(0, "input");
        var target = Reshaping.Target(context.Node, [.. input.Dimensions.Select(extent => (long)extent)]);
        return input.WithDimensions([.. target.Select(extent => (int)extent)]);
    }

    public static FoldedTensor Slice(FoldContext context)
    {
        var result = context.Input(0, "data");
        foreach (var (axis, begin, end, step) in SliceReader.Read(context.Node, [.. result.Dimensions.Select(extent => (long)extent)]))
        {
            var distance = step > 0 ? end - begin : begin - end;
            var taken = distance > 0 ? ((distance - 1) / Math.Abs(step)) + 1 : 0;
            result = Cut(result, axis, begin, step, taken);
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

    public static FoldedTensor Flatten(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        var rank = input.Dimensions.Length;
        var given = context.Node.Attributes.Integer("axis", 1);
        var axis = given == rank ? given : Axes.Normalize(context.Node, given, rank);
        return input.WithDimensions([Product(input.Dimensions[..axis]), Product(input.Dimensions[axis..])]);
    }

    /// <summary>The parts, one per output.</summary>
    public static IReadOnlyList<FoldedTensor> Split(FoldContext context)
    {
        var input = context.Input(0, "input");
        var (axis, parts) = SplitReader.Read(context.Node, [.. input.Dimensions.Select(extent => (long)extent)]);
        var results = new List<FoldedTensor>();
        var begin = 0;
        foreach (var part in parts)
        {
            results.Add(Cut(input, axis, begin, 1, part));
            begin += part;
        }

        return results;
    }

    public static FoldedTensor Transpose(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        return Turn(input, Axes.Permutation(context.Node, input.Dimensions.Length));
    }

    /// <summary>The tensor with its axes in another order.</summary>
    public static FoldedTensor Turn(FoldedTensor input, int[] permutation)
    {
        var rank = input.Dimensions.Length;
        var strides = new int[rank];
        for (var (axis, stride) = (rank - 1, 1); axis >= 0; stride *= input.Dimensions[axis], axis--)
            strides[axis] = stride;
        int[] dimensions = [.. permutation.Select(axis => input.Dimensions[axis])];
        var places = new int[input.Count];
        var (coordinates, current) = (new int[rank], 0);
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

    private static int Product(IEnumerable<int> extents) => extents.Aggregate(1, (product, extent) => product * extent);

    // Every step-th index of one axis from the first on.
    private static FoldedTensor Cut(FoldedTensor input, int axis, int begin, int step, int taken)
    {
        int[] dimensions = [.. input.Dimensions];
        dimensions[axis] = taken;
        var inner = Product(dimensions[(axis + 1)..]);
        var places = new int[Product(dimensions)];
        for (var place = 0; place < places.Length; place++)
        {
            var row = place / inner;
            places[place] = (((row / taken * input.Dimensions[axis]) + begin + (row % taken * step)) * inner) + (place % inner);
        }

        return input.Take(dimensions, places);
    }
}
