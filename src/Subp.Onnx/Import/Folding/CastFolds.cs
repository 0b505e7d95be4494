using Subp.Onnx.Import.Operators;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Conversions between types. All real types are one here: the graph computes in float.</summary>
internal static class CastFolds
{
    public static FoldedTensor Cast(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        context.Node.Attributes.Ignore("saturate", "round_mode");
        return To(context, context.Input(0, "input"), CastConverter.Target(context.Node));
    }

    public static FoldedTensor CastLike(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        context.Node.Attributes.Ignore("saturate", "round_mode");
        var target = context.Node.IsConstant(1) ? context.Node.Constant(1, "target type").Type : DataType.Float;
        return To(context, context.Input(0, "input"), target);
    }

    /// <summary>(x - zero point) * scale, for all elements or along one axis.</summary>
    public static FoldedTensor Dequantize(FoldContext context)
    {
        context.Node.RequireInputs(2, 3);
        var (input, scale) = (context.Input(0, "input"), context.Input(1, "scale"));
        if (context.Node.Attributes.Integer("block_size", 0) != 0)
            throw context.Node.Unsupported("a block_size", "one scale, or one per index of an axis");
        context.Node.Attributes.Ignore("output_dtype");
        var given = context.Node.Attributes.Integer("axis", 1);
        var axis = scale.Count == 1 ? 0 : Axes.Normalize(context.Node, given, input.Dimensions.Length);
        long[] zeros = context.Integers(2, "zero point") ?? new long[scale.Count];
        if (input.IsReal || !scale.IsReal || zeros.Length != scale.Count || (scale.Count != 1 && scale.Count != input.Dimensions[axis]))
            throw context.Node.Unsupported(
                FormattableString.Invariant(
                    $"elements of type {input.Type}, {scale.Count} scales of type {scale.Type} and {zeros.Length} zero points"
                ),
                "integers, and one real scale and zero point or one per index of the axis"
            );
        var inner = input.Dimensions.Skip(axis + 1).Aggregate(1, (product, extent) => product * extent);
        var values = new float[input.Count];
        int Part(int index) => scale.Count == 1 ? 0 : index / inner % scale.Count;
        var scales = QuantizationReader.Scales(
            context.Node,
            scale.Reals,
            part => Enumerable.Range(0, values.Length).All(index => Part(index) != part || input.Integers[index] == zeros[part])
        );
        for (var index = 0; index < values.Length; index++)
            values[index] = (input.Integers[index] - zeros[Part(index)]) * scales[Part(index)];
        context.Node.NoteScales(scales);
        return FoldedTensor.Of(input.Dimensions, values);
    }

    /// <summary>saturate(round(x / scale) + zero point), half to even, for all elements or along one axis; to bytes only.</summary>
    public static FoldedTensor Quantize(FoldContext context)
    {
        context.Node.RequireInputs(2, 3);
        var (input, scale) = (context.Input(0, "input"), context.Input(1, "scale"));
        if (context.Node.Attributes.Integer("block_size", 0) != 0)
            throw context.Node.Unsupported("a block_size", "one scale, or one per index of an axis");
        context.Node.Attributes.Ignore("saturate");
        var given = context.Node.Attributes.Integer("axis", 1);
        var axis = scale.Count == 1 ? 0 : Axes.Normalize(context.Node, given, input.Dimensions.Length);
        var zero = context.Node.OptionalConstant(2, "zero point");
        var zeros = zero?.ToIntegers() ?? new long[scale.Count];
        var named = QuantizeLinearConverter.OutputType(context.Node);
        var type = zero?.Type ?? named ?? DataType.Uint8;
        if (
            !input.IsReal
            || !scale.IsReal
            || type is not (DataType.Int8 or DataType.Uint8)
            || (named ?? type) != type
            || zeros.Length != scale.Count
            || (scale.Count != 1 && scale.Count != input.Dimensions[axis])
        )
            throw context.Node.Unsupported(
                FormattableString.Invariant(
                    $"elements of type {input.Type}, {scale.Count} scales of type {scale.Type}, {zeros.Length} zero points of type {type}"
                ),
                "real numbers, and one real scale and zero point of a byte or one per index of the axis"
            );
        (int least, int most) = type == DataType.Int8 ? ((int)sbyte.MinValue, (int)sbyte.MaxValue) : (0, (int)byte.MaxValue);
        QuantizationReader.RequireScales(context.Node, scale.Reals);
        var inner = input.Dimensions.Skip(axis + 1).Aggregate(1, (product, extent) => product * extent);
        var values = new long[input.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var part = scale.Count == 1 ? 0 : index / inner % scale.Count;
            var steps = MathF.Round(input.Reals[index] / scale.Reals[part], MidpointRounding.ToEven) + zeros[part];
            values[index] =
                steps >= most ? most
                : steps > least ? (long)steps
                : least;
        }

        return new FoldedTensor(input.Dimensions, type, values, []);
    }

    /// <summary>Integers or truth values as real numbers.</summary>
    public static FoldedTensor ToReal(FoldedTensor input) =>
        input.IsReal ? input : FoldedTensor.Of(input.Dimensions, Array.ConvertAll(input.Integers, value => (float)value));

    /// <summary>The values as another type.</summary>
    public static FoldedTensor To(FoldContext context, FoldedTensor input, DataType target)
    {
        switch (target)
        {
            case DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16:
                return ToReal(input);
            case DataType.Int64 or DataType.Int32:
                return FoldedTensor.Of(input.Dimensions, ToWhole(input));
            case DataType.Bool:
                var truth = input.IsReal
                    ? Array.ConvertAll(input.Reals, value => value != 0 ? 1L : 0L)
                    : Array.ConvertAll(input.Integers, value => value != 0 ? 1L : 0L);
                return new FoldedTensor(input.Dimensions, DataType.Bool, truth, []);
            case DataType.Int8 or DataType.Uint8 or DataType.Int16 or DataType.Uint16:
                var values = ToWhole(input);
                (int Least, int Most) range = target switch
                {
                    DataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
                    DataType.Uint8 => (byte.MinValue, byte.MaxValue),
                    DataType.Int16 => (short.MinValue, short.MaxValue),
                    _ => (ushort.MinValue, ushort.MaxValue),
                };
                foreach (var value in values.Where(value => value < range.Least || value > range.Most))
                    throw context.Node.Unsupported(
                        FormattableString.Invariant($"a conversion of {value} to {target}"),
                        "a value in its range"
                    );
                return new FoldedTensor(input.Dimensions, target, values, []);
            default:
                throw context.Node.Unsupported($"a conversion to {target}", "a real type, an integer of 8 to 64 bits, or bool");
        }
    }

    private static long[] ToWhole(FoldedTensor input) =>
        input.IsReal ? Array.ConvertAll(input.Reals, value => checked((long)value)) : input.Integers;
}
