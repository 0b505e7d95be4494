using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Comparisons, truth values and the choices they make.</summary>
internal static class LogicFolds
{
    public static FoldedTensor Compare(
        FoldContext context,
        Func<long, long, bool> integers,
        Func<float, float, bool> reals,
        bool allowsTruth = false
    )
    {
        context.Node.RequireInputs(2, 2);
        var (left, right) = (context.Input(0, "operand"), context.Input(1, "operand"));
        if (left.Type != right.Type || (left.Type == DataType.Bool && !allowsTruth))
            throw context.Node.Unsupported($"operands of types {left.Type} and {right.Type}", "values of one type");
        var (dimensions, first, second) = Broadcasting.Meet(context, left, right);
        var result = new long[first.Length];
        for (var index = 0; index < result.Length; index++)
        {
            var (a, b) = (first[index], second[index]);
            result[index] = (left.IsReal ? reals(left.Reals[a], right.Reals[b]) : integers(left.Integers[a], right.Integers[b])) ? 1 : 0;
        }

        return Truth(dimensions, result);
    }

    public static FoldedTensor Logic(FoldContext context, Func<long, long, long> combine)
    {
        context.Node.RequireInputs(2, 2);
        var (left, right) = (TruthInput(context, 0), TruthInput(context, 1));
        var (dimensions, first, second) = Broadcasting.Meet(context, left, right);
        var result = new long[first.Length];
        for (var index = 0; index < result.Length; index++)
            result[index] = combine(left.Integers[first[index]], right.Integers[second[index]]);
        return Truth(dimensions, result);
    }

    public static FoldedTensor Not(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = TruthInput(context, 0);
        return Truth(input.Dimensions, Array.ConvertAll(input.Integers, value => 1 - value));
    }

    public static FoldedTensor Where(FoldContext context)
    {
        context.Node.RequireInputs(3, 3);
        var (condition, yes, no) = (TruthInput(context, 0), context.Input(1, "value"), context.Input(2, "value"));
        if (yes.Type != no.Type)
            throw context.Node.Unsupported($"values of types {yes.Type} and {no.Type}", "values of one type");
        var (partDimensions, yesPlaces, noPlaces) = Broadcasting.Meet(context, yes, no);
        var (dimensions, conditions, parts) = Broadcasting.Meet(context, condition, yes.WithDimensions(partDimensions));
        T[] Choose<T>(T[] whenTrue, T[] whenFalse)
        {
            var result = new T[conditions.Length];
            for (var index = 0; index < result.Length; index++)
                result[index] =
                    condition.Integers[conditions[index]] != 0 ? whenTrue[yesPlaces[parts[index]]] : whenFalse[noPlaces[parts[index]]];
            return result;
        }

        return yes.IsReal
            ? FoldedTensor.Of(dimensions, Choose(yes.Reals, no.Reals))
            : new FoldedTensor(dimensions, yes.Type, Choose(yes.Integers, no.Integers), []);
    }

    /// <summary>The coordinates of all elements other than zero, one axis a row.</summary>
    public static FoldedTensor NonZero(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        int[] places =
        [
            .. Enumerable.Range(0, input.Count).Where(index => input.IsReal ? input.Reals[index] != 0 : input.Integers[index] != 0),
        ];
        var rank = input.Dimensions.Length;
        context.Count([rank, places.Length]);
        var result = new long[rank * places.Length];
        for (var (axis, stride) = (rank - 1, 1); axis >= 0; stride *= input.Dimensions[axis], axis--)
        {
            for (var index = 0; index < places.Length; index++)
                result[(axis * places.Length) + index] = places[index] / stride % input.Dimensions[axis];
        }

        return FoldedTensor.Of([rank, places.Length], result);
    }

    private static FoldedTensor Truth(int[] dimensions, long[] values) => new(dimensions, DataType.Bool, values, []);

    private static FoldedTensor TruthInput(FoldContext context, int index)
    {
        var input = context.Input(index, "condition");
        return input.Type == DataType.Bool ? input : throw context.Node.Unsupported($"a condition of type {input.Type}", "truth values");
    }
}
