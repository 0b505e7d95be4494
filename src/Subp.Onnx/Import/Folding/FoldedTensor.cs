using System.Runtime.InteropServices;
using Google.Protobuf;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import.Folding;

/// <summary>A constant while it is computed with: integers and truth values as <c>long</c>, real numbers as <c>float</c>.</summary>
/// <param name="Dimensions">The extents, outermost first; empty for a scalar.</param>
/// <param name="Type">
/// Float for all real types, Int64 also for int32, Bool, or a narrower or unsigned integer, with which nothing is computed.
/// </param>
/// <param name="Integers">The values of integers and truth values, else empty.</param>
/// <param name="Reals">The values of real numbers, else empty.</param>
internal sealed record FoldedTensor(int[] Dimensions, DataType Type, long[] Integers, float[] Reals)
{
    /// <summary>The number of elements.</summary>
    public int Count => IsReal ? Reals.Length : Integers.Length;

    /// <summary>True for real numbers.</summary>
    public bool IsReal => Type == DataType.Float;

    /// <summary>Integers.</summary>
    public static FoldedTensor Of(int[] dimensions, long[] values) => new(dimensions, DataType.Int64, values, []);

    /// <summary>Real numbers.</summary>
    public static FoldedTensor Of(int[] dimensions, float[] values) => new(dimensions, DataType.Float, [], values);

    /// <summary>The values of a constant of the model.</summary>
    public static FoldedTensor Read(ConstantTensor constant)
    {
        int[] dimensions = [.. constant.Dimensions];
        return constant.Type switch
        {
            DataType.Int64 or DataType.Int32 => Of(dimensions, constant.ToIntegers()),
            DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16 => Of(dimensions, constant.ToFloats()),
            var type => new FoldedTensor(dimensions, type, constant.ToIntegers(), []),
        };
    }

    /// <summary>The same values with other dimensions.</summary>
    public FoldedTensor WithDimensions(int[] dimensions) => this with { Dimensions = dimensions };

    /// <summary>The elements at the given places, in that order.</summary>
    public FoldedTensor Take(int[] dimensions, int[] places) =>
        IsReal
            ? new FoldedTensor(dimensions, Type, [], Array.ConvertAll(places, place => Reals[place]))
            : new FoldedTensor(dimensions, Type, Array.ConvertAll(places, place => Integers[place]), []);

    /// <summary>The tensor as the model would hold it.</summary>
    public TensorProto ToProto()
    {
        var proto = new TensorProto { DataType = (int)Type, Dims = { Dimensions.Select(extent => (long)extent) } };
        if (Type == DataType.Int64)
            proto.Int64Data.Add(Integers);
        else if (Type is DataType.Uint32 or DataType.Uint64)
            proto.Uint64Data.Add(Integers.Select(value => (ulong)value));
        else if (!IsReal)
            proto.Int32Data.Add(Integers.Select(value => (int)value));
        else if (Reals.Length > 0)
            proto.RawData = UnsafeByteOperations.UnsafeWrap(MemoryMarshal.AsBytes<float>(Reals).ToArray());
        return proto;
    }
}
