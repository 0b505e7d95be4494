using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Element by element: arithmetic with broadcasting, comparisons, conversions.</summary>
internal static class ArithmeticFolds
{
    public static FoldedTensor Binary(FoldContext context, Func<long, long, long> integers, Func<float, float, float> reals)
    {
        context.Node.RequireInputs(2, 2);
        var (left, right) = (context.Input(0, "operand"), context.Input(1, "operand"));
        if (left.Type != right.Type || left.Type == DataType.Bool)
            throw context.Node.Unsupported($"operands of types {left.Type} and {right.Type}", "numbers of one type");
        var (dimensions, first, second) = Broadcast(context, left, right);
        return left.IsReal
            ? FoldedTensor.Of(dimensions, Zip(first, second, (a, b) => reals(left.Reals[a], right.Reals[b])))
            : FoldedTensor.Of(dimensions, Zip(first, second, (a, b) => integers(left.Integers[a], right.Integers[b])));
    }

    public static FoldedTensor Equal(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var (left, right) = (context.Input(0, "operand"), context.Input(1, "operand"));
        if (left.IsReal != right.IsReal)
            throw context.Node.Unsupported($"operands of types {left.Type} and {right.Type}", "values of one type");
        var (dimensions, first, second) = Broadcast(context, left, right);
        var equal = Zip(
            first,
            second,
            (a, b) => (left.IsReal ? left.Reals[a] == right.Reals[b] : left.Integers[a] == right.Integers[b]) ? 1L : 0L
        );
        return new FoldedTensor(dimensions, DataType.Bool, equal, []);
    }

    public static FoldedTensor Where(FoldContext context)
    {
        context.Node.RequireInputs(3, 3);
        var (condition, yes, no) = (context.Input(0, "condition"), context.Input(1, "value"), context.Input(2, "value"));
        if (condition.Type != DataType.Bool || yes.Type != no.Type)
            throw context.Node.Unsupported(
                $"a condition of type {condition.Type} and values of types {yes.Type} and {no.Type}",
                "truth values and one type"
            );
        var (partDimensions, yesPlaces, noPlaces) = Broadcast(context, yes, no);
        var part = yes.WithDimensions(partDimensions);
        var (dimensions, conditionPlaces, partPlaces) = Broadcast(context, condition, part);
        return yes.IsReal
            ? FoldedTensor.Of(
                dimensions,
                Zip(conditionPlaces, partPlaces, (a, b) => condition.Integers[a] != 0 ? yes.Reals[yesPlaces[b]] : no.Reals[noPlaces[b]])
            )
            : new FoldedTensor(
                dimensions,
                yes.Type,
                Zip(
                    conditionPlaces,
                    partPlaces,
                    (a, b) => condition.Integers[a] != 0 ? yes.Integers[yesPlaces[b]] : no.Integers[noPlaces[b]]
                ),
                []
            );
    }

    public static FoldedTensor Cast(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        context.Node.Attributes.Ignore("saturate");
        var target = (DataType)context.Node.Attributes.Integer("to", 0);
        switch (target)
        {
            case DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16:
                return input.IsReal ? input : FoldedTensor.Of(input.Dimensions, Array.ConvertAll(input.Integers, value => (float)value));
            case DataType.Int64 or DataType.Int32:
                return FoldedTensor.Of(
                    input.Dimensions,
                    input.IsReal ? Array.ConvertAll(input.Reals, value => checked((long)value)) : input.Integers
                );
            case DataType.Bool:
                var values = input.IsReal
                    ? Array.ConvertAll(input.Reals, value => value != 0 ? 1L : 0L)
                    : Array.ConvertAll(input.Integers, value => value != 0 ? 1L : 0L);
                return new FoldedTensor(input.Dimensions, DataType.Bool, values, []);
            default:
                throw context.Node.Unsupported($"a conversion to {target}", "a real type, int64, int32 or bool");
        }
    }

    public static FoldedTensor Round(FoldContext context, Func<float, float> round)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        return input.IsReal ? FoldedTensor.Of(input.Dimensions, Array.ConvertAll(input.Reals, value => round(value))) : input;
    }

    public static FoldedTensor Range(FoldContext context)
    {
        context.Node.RequireInputs(3, 3);
        long Scalar(int index, string role) =>
            context.Integers(index, role) is [var value]
                ? value
                : throw context.Node.Unsupported($"a {role} that is no single integer", "one integer");
        var (start, limit, delta) = (Scalar(0, "start"), Scalar(1, "limit"), Scalar(2, "delta"));
        if (delta == 0)
            throw context.Node.Unsupported("delta = 0", "a delta other than zero");
        var distance = checked(limit - start);
        var count = context.Count([
            Math.Max(
                0,
                (distance / delta)
                    + (
                        distance % delta == 0 ? 0
                        : distance < 0 == delta < 0 ? 1
                        : 0
                    )
            ),
        ]);
        var values = new long[count];
        for (var index = 0; index < count; index++)
            values[index] = checked(start + (index * delta));
        return FoldedTensor.Of([count], values);
    }

    private static T[] Zip<T>(int[] first, int[] second, Func<int, int, T> combine)
    {
        var result = new T[first.Length];
        for (var index = 0; index < result.Length; index++)
            result[index] = combine(first[index], second[index]);
        return result;
    }

    // The dimensions of the result, and for each of its elements the place of both operands.
    private static (int[] Dimensions, int[] Left, int[] Right) Broadcast(FoldContext context, FoldedTensor left, FoldedTensor right)
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

    private static int Extent(FoldedTensor tensor, int axis, int rank)
    {
        var own = axis - (rank - tensor.Dimensions.Length);
        return own < 0 ? 1 : tensor.Dimensions[own];
    }

    private static int[] Places(FoldedTensor tensor, int[] extents, int count)
    {
        var places = new int[count];
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
}
