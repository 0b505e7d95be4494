using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>Shapes as numbers, and tensors that are larger than what they are made from.</summary>
internal static class FillingFolds
{
    public static FoldedTensor Shape(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        var shape = NodeContext.DimensionsOf(context.Node.Input(0, "input"));
        var start = Bound(context.Node.Attributes.Integer("start", 0), shape.Length);
        var end = Bound(context.Node.Attributes.Integer("end", shape.Length), shape.Length);
        var part = end > start ? shape[start..end] : [];
        return FoldedTensor.Of([part.Length], part);
    }

    public static FoldedTensor Size(FoldContext context)
    {
        context.Node.RequireInputs(1, 1);
        return FoldedTensor.Of([], [Reshaping.Count(NodeContext.DimensionsOf(context.Node.Input(0, "input")))]);
    }

    /// <summary>Ones on a diagonal of a matrix of the shape of the input, zeros elsewhere.</summary>
    public static FoldedTensor EyeLike(FoldContext context)
    {
        var node = context.Node;
        node.RequireInputs(1, 1);
        var input = node.Input(0, "input");
        var shape = NodeContext.DimensionsOf(input);
        if (shape.Length != 2)
            throw node.Unsupported($"an input of shape [{string.Join(",", shape)}]", "a matrix");
        var offset = node.Attributes.Integer("k", 0);
        var isReal = input is ConstantValue constant
            ? FoldedTensor.Read(constant.Tensor).IsReal
            : node.ValueOfAnyKind(0).Kind == ElementKind.Real;
        var type = (DataType)node.Attributes.Integer("dtype", (int)(isReal ? DataType.Float : DataType.Int64));
        var values = new float[context.Count(shape)];
        for (var row = 0L; row < shape[0]; row++)
        {
            if (row + offset >= 0 && row + offset < shape[1])
                values[(row * shape[1]) + row + offset] = 1;
        }

        return CastFolds.To(context, FoldedTensor.Of([(int)shape[0], (int)shape[1]], values), type);
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

    /// <summary>Broadcasting to a shape, which may itself have extents of 1.</summary>
    public static FoldedTensor Expand(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var (input, shape) = (context.Input(0, "input"), context.Integers(1, "shape")!);
        var rank = Math.Max(input.Dimensions.Length, shape.Length);
        var extents = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var own = axis - (rank - input.Dimensions.Length) is >= 0 and var index ? input.Dimensions[index] : 1;
            var wanted = axis - (rank - shape.Length) is >= 0 and var place ? shape[place] : 1;
            if (own != wanted && own != 1 && wanted != 1)
                throw context.Node.Unsupported(
                    $"a constant of shape [{string.Join(",", input.Dimensions)}] for the shape [{string.Join(",", shape)}]",
                    "shapes that broadcast"
                );
            extents[axis] = own == 1 ? wanted : own;
        }

        var count = context.Count(extents);
        int[] dimensions = [.. extents.Select(extent => (int)extent)];
        return input.Take(dimensions, Broadcasting.Places(input, dimensions, count));
    }

    public static FoldedTensor Tile(FoldContext context)
    {
        context.Node.RequireInputs(2, 2);
        var (input, repeats) = (context.Input(0, "input"), context.Integers(1, "repeats")!);
        if (repeats.Length != input.Dimensions.Length)
            throw context.Node.Unsupported(
                FormattableString.Invariant($"{repeats.Length} repeats for {input.Dimensions.Length} dimensions"),
                "one repeat per dimension"
            );
        var places = new int[context.Count([.. repeats.Select((repeat, axis) => checked(repeat * input.Dimensions[axis]))])];
        int[] dimensions = [.. repeats.Select((repeat, axis) => (int)(repeat * input.Dimensions[axis]))];
        for (var index = 0; index < places.Length; index++)
        {
            var (rest, stride, place) = (index, 1, 0);
            for (var axis = dimensions.Length - 1; axis >= 0; axis--)
            {
                place += rest % dimensions[axis] % input.Dimensions[axis] * stride;
                rest /= dimensions[axis];
                stride *= input.Dimensions[axis];
            }

            places[index] = place;
        }

        return input.Take(dimensions, places);
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
        var goesOn = distance % delta != 0 && distance < 0 == delta < 0;
        var count = context.Count([Math.Max(0, (distance / delta) + (goesOn ? 1 : 0))]);
        var values = new long[count];
        for (var index = 0; index < count; index++)
            values[index] = checked(start + (index * delta));
        return FoldedTensor.Of([count], values);
    }

    private static int Bound(int index, int rank) => Math.Clamp(index < 0 ? index + rank : index, 0, rank);
}
