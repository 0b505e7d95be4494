using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Arithmetic element by element, with broadcasting. Real numbers are computed in single precision, as the network is.</summary>
internal static class ElementFolds
{
    /// <summary>A function of one number; <paramref name="integers"/> is null where it is not defined for integers.</summary>
    public static FoldedTensor Unary(FoldContext context, Func<long, long>? integers, Func<float, float> reals)
    {
        context.Node.RequireInputs(1, 1);
        var input = context.Input(0, "input");
        if (input.IsReal)
            return FoldedTensor.Of(input.Dimensions, Array.ConvertAll(input.Reals, value => reals(value)));
        if (input.Type != DataType.Int64 || integers is null)
            throw context.Node.Unsupported(
                $"a constant of type {input.Type}",
                integers is null ? "real numbers" : "real numbers, int64 or int32"
            );
        return FoldedTensor.Of(input.Dimensions, Array.ConvertAll(input.Integers, value => integers(value)));
    }

    public static FoldedTensor Binary(FoldContext context, Func<long, long, long> integers, Func<float, float, float> reals)
    {
        context.Node.RequireInputs(2, 2);
        return Combine(context, context.Input(0, "operand"), context.Input(1, "operand"), integers, reals);
    }

    /// <summary>One operand after the other.</summary>
    public static FoldedTensor Variadic(FoldContext context, Func<long, long, long> integers, Func<float, float, float> reals)
    {
        var result = context.Input(0, "operand");
        for (var index = 1; index < context.Node.InputCount; index++)
            result = Combine(context, result, context.Input(index, "operand"), integers, reals);
        return result;
    }

    /// <summary>The base decides about the type of the result, the exponent may have another.</summary>
    public static FoldedTensor Power(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var (number, exponent) = (context.Input(0, "base"), context.Input(1, "exponent"));
        if (number.IsReal && !exponent.IsReal)
            exponent = CastFolds.ToReal(exponent);
        return Combine(context, number, exponent, (a, b) => Power(context, a, b), MathF.Pow);
    }

    public static FoldedTensor Mod(FoldContext context)
    {
        var truncates = context.Node.Attributes.Switch("fmod", false);
        return Binary(
            context,
            (a, b) =>
            {
                var rest = a - checked(context.Divide(a, b) * b);
                return truncates || rest == 0 || rest < 0 == b < 0 ? rest : rest + b;
            },
            (a, b) => truncates ? a % b : throw context.Node.Unsupported("real numbers with fmod = 0", "fmod = 1")
        );
    }

    /// <summary>min(max(x, lower), upper): the upper bound wins, as in numpy.</summary>
    public static FoldedTensor Clip(FoldContext context)
    {
        context.Node.RequireInputs(1, 3);
        var result = context.Input(0, "input");
        // Weights that were clipped as integers are still bytes.
        var type = result.Type;
        if (type is DataType.Int8 or DataType.Uint8)
            result = result with { Type = DataType.Int64 };
        foreach (var (index, name) in new[] { (1, "min"), (2, "max") })
        {
            FoldedTensor? bound = context.Node.HasInput(index) ? context.Input(index, $"{name}imum") : null;
            if (bound is null && context.Node.Attributes.Any(name) is not null)
                bound = FoldedTensor.Of([], [context.Node.Attributes.Real(name, 0)]);
            if (bound is { Count: not 1 })
                throw context.Node.Unsupported(FormattableString.Invariant($"a bound of {bound.Count} elements"), "one number");
            if (type is DataType.Int8 or DataType.Uint8 && bound?.Type == type)
                bound = bound with { Type = DataType.Int64 };
            if (bound is not null)
                result =
                    index == 1
                        ? Combine(context, result, bound, Math.Max, MathF.Max)
                        : Combine(context, result, bound, Math.Min, MathF.Min);
        }

        return result.IsReal ? result : result with { Type = type };
    }

    private static FoldedTensor Combine(
        FoldContext context,
        FoldedTensor left,
        FoldedTensor right,
        Func<long, long, long> integers,
        Func<float, float, float> reals
    )
    {
        if (left.Type != right.Type || left.Type is not (DataType.Float or DataType.Int64))
            throw context.Node.Unsupported($"operands of types {left.Type} and {right.Type}", "real numbers, int64 or int32, of one type");
        var (dimensions, first, second) = Broadcasting.Meet(context, left, right);
        if (left.IsReal)
        {
            var values = new float[first.Length];
            for (var index = 0; index < values.Length; index++)
                values[index] = reals(left.Reals[first[index]], right.Reals[second[index]]);
            return FoldedTensor.Of(dimensions, values);
        }

        var whole = new long[first.Length];
        for (var index = 0; index < whole.Length; index++)
            whole[index] = integers(left.Integers[first[index]], right.Integers[second[index]]);
        return FoldedTensor.Of(dimensions, whole);
    }

    private static long Power(FoldContext context, long number, long exponent)
    {
        if (exponent < 0)
            throw context.Node.Unsupported(FormattableString.Invariant($"the exponent {exponent} of an integer"), "at least 0");
        var result = 1L;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
                result = checked(result * number);
            if (exponent > 1)
                number = checked(number * number);
        }

        return result;
    }
}
