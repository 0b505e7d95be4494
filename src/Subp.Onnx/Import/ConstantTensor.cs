using System.Buffers.Binary;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>A constant of the model: checked dimensions, and values that are converted when a converter asks for them.</summary>
internal sealed class ConstantTensor
{
    private readonly TensorProto _tensor;
    private readonly ReadOnlyMemory<byte> _raw;
    private readonly bool _isRaw;

    private ConstantTensor(string name, TensorProto tensor, int[] dimensions, int count, ReadOnlyMemory<byte> raw, bool isRaw)
    {
        (Name, _tensor, Dimensions, Count, _raw, _isRaw) = (name, tensor, dimensions, count, raw, isRaw);
    }

    /// <summary>The name of the value in the model.</summary>
    public string Name { get; }

    /// <summary>The extents, outermost first; empty for a scalar. Unlike a graph shape they may hold zeros.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The type of the elements.</summary>
    public DataType Type => (DataType)_tensor.DataType;

    /// <summary>The dimensions as a shape of the graph.</summary>
    /// <exception cref="SubpException">A dimension is zero.</exception>
    public TensorShape Shape =>
        Count > 0
            ? new([.. Dimensions])
            : throw Invalid(Name, $"the empty shape [{string.Join(",", Dimensions)}]", "dimensions of at least 1");

    /// <summary>Checks that a tensor's dimensions, element type and data agree. Nothing of the size of the data is allocated.</summary>
    /// <exception cref="SubpException">They do not agree, or external data cannot be read.</exception>
    public static ConstantTensor Create(string name, TensorProto tensor, ExternalData external)
    {
        var count = 1L;
        foreach (var dimension in tensor.Dims)
        {
            if (dimension < 0 || dimension > TensorShape.MaximumElementCount)
                throw Invalid(
                    name,
                    FormattableString.Invariant($"the dimension {dimension}"),
                    FormattableString.Invariant($"0 to {TensorShape.MaximumElementCount}")
                );
            count *= dimension;
            if (count > TensorShape.MaximumElementCount)
                throw Invalid(
                    name,
                    $"the shape [{string.Join(",", tensor.Dims)}]",
                    FormattableString.Invariant($"at most {TensorShape.MaximumElementCount} elements")
                );
        }

        var dimensions = tensor.Dims.Select(dimension => (int)dimension).ToArray();
        var size = ElementBytes(name, tensor.DataType);
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External)
            return new(name, tensor, dimensions, (int)count, external.Read(name, tensor, count * size), isRaw: true);
        if (!tensor.RawData.IsEmpty)
        {
            if (tensor.RawData.Length != count * size)
                throw Invalid(
                    name,
                    FormattableString.Invariant($"{tensor.RawData.Length} bytes of data"),
                    FormattableString.Invariant($"{count * size} bytes for the shape [{string.Join(",", dimensions)}]")
                );
            return new(name, tensor, dimensions, (int)count, tensor.RawData.Memory, isRaw: true);
        }

        var typed = TypedCount(tensor);
        if (typed != count)
            throw Invalid(
                name,
                FormattableString.Invariant($"{typed} values"),
                FormattableString.Invariant($"{count} values for the shape [{string.Join(",", dimensions)}]")
            );
        return new(name, tensor, dimensions, (int)count, default, isRaw: false);
    }

    /// <summary>The values as single precision numbers, in a new array; wider types are rounded to nearest.</summary>
    /// <exception cref="SubpException">The element type is not a floating-point type.</exception>
    public float[] ToFloats()
    {
        var values = new float[Count];
        var raw = _raw.Span;
        switch ((DataType)_tensor.DataType)
        {
            case DataType.Float when _isRaw:
                for (var index = 0; index < values.Length; index++)
                    values[index] = BinaryPrimitives.ReadSingleLittleEndian(raw[(index * sizeof(float))..]);
                break;
            case DataType.Float:
                _tensor.FloatData.CopyTo(values, 0);
                break;
            case DataType.Double:
                for (var index = 0; index < values.Length; index++)
                    values[index] = (float)(
                        _isRaw ? BinaryPrimitives.ReadDoubleLittleEndian(raw[(index * sizeof(double))..]) : _tensor.DoubleData[index]
                    );
                break;
            case DataType.Float16:
                for (var index = 0; index < values.Length; index++)
                    values[index] = (float)BitConverter.UInt16BitsToHalf(Bits16(raw, index));
                break;
            case DataType.Bfloat16:
                for (var index = 0; index < values.Length; index++)
                    values[index] = BitConverter.UInt32BitsToSingle((uint)Bits16(raw, index) << 16);
                break;
            default:
                throw Invalid(Name, $"elements of type {(DataType)_tensor.DataType}", "float, double, float16 or bfloat16");
        }

        return values;
    }

    /// <summary>The values as integers, in a new array; truth values are 0 and 1.</summary>
    /// <exception cref="SubpException">The element type is no integer or truth value, or a value exceeds 63 bits.</exception>
    public long[] ToIntegers()
    {
        var values = new long[Count];
        switch ((DataType)_tensor.DataType)
        {
            case DataType.Int64:
                for (var index = 0; index < values.Length; index++)
                    values[index] = _isRaw
                        ? BinaryPrimitives.ReadInt64LittleEndian(_raw.Span[(index * sizeof(long))..])
                        : _tensor.Int64Data[index];
                break;
            case DataType.Int32:
                for (var index = 0; index < values.Length; index++)
                    values[index] = _isRaw
                        ? BinaryPrimitives.ReadInt32LittleEndian(_raw.Span[(index * sizeof(int))..])
                        : _tensor.Int32Data[index];
                break;
            case DataType.Bool:
                for (var index = 0; index < values.Length; index++)
                    values[index] = (_isRaw ? _raw.Span[index] : _tensor.Int32Data[index]) != 0 ? 1 : 0;
                break;
            case DataType.Int8:
                for (var index = 0; index < values.Length; index++)
                    values[index] = unchecked((sbyte)(_isRaw ? _raw.Span[index] : _tensor.Int32Data[index]));
                break;
            case DataType.Uint8:
                for (var index = 0; index < values.Length; index++)
                    values[index] = unchecked((byte)(_isRaw ? _raw.Span[index] : _tensor.Int32Data[index]));
                break;
            case DataType.Int16:
                for (var index = 0; index < values.Length; index++)
                    values[index] = unchecked((short)Bits16(_raw.Span, index));
                break;
            case DataType.Uint16:
                for (var index = 0; index < values.Length; index++)
                    values[index] = Bits16(_raw.Span, index);
                break;
            case DataType.Uint32:
                for (var index = 0; index < values.Length; index++)
                    values[index] = _isRaw
                        ? BinaryPrimitives.ReadUInt32LittleEndian(_raw.Span[(index * sizeof(uint))..])
                        : unchecked((uint)_tensor.Uint64Data[index]);
                break;
            case DataType.Uint64:
                for (var index = 0; index < values.Length; index++)
                {
                    var value = _isRaw
                        ? BinaryPrimitives.ReadUInt64LittleEndian(_raw.Span[(index * sizeof(ulong))..])
                        : _tensor.Uint64Data[index];
                    values[index] =
                        value <= long.MaxValue
                            ? (long)value
                            : throw Invalid(Name, FormattableString.Invariant($"the value {value}"), "numbers of 63 bits");
                }

                break;
            default:
                throw Invalid(Name, $"elements of type {(DataType)_tensor.DataType}", "integers");
        }

        return values;
    }

    /// <summary>What the elements mean.</summary>
    public ElementKind Kind =>
        Type switch
        {
            DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16 => ElementKind.Real,
            DataType.Bool => ElementKind.Truth,
            _ => ElementKind.Integer,
        };

    /// <summary>The values of any type as single precision numbers, in a new array.</summary>
    /// <exception cref="SubpException">An integer is not exact in single precision.</exception>
    public float[] ToNumbers()
    {
        if (Kind == ElementKind.Real)
            return ToFloats();
        const long Exact = 1 << 24;
        return Array.ConvertAll(
            ToIntegers(),
            value =>
                value is >= -Exact and <= Exact
                    ? (float)value
                    : throw Invalid(Name, FormattableString.Invariant($"the integer {value} in computed values"), "at most 2^24")
        );
    }

    /// <summary>The value of a truth tensor of one element.</summary>
    /// <exception cref="SubpException">It is not one truth value.</exception>
    public bool ToBoolean()
    {
        if ((DataType)_tensor.DataType != DataType.Bool || Count != 1)
            throw Invalid(Name, FormattableString.Invariant($"{Count} elements of type {(DataType)_tensor.DataType}"), "one truth value");
        return _isRaw ? _raw.Span[0] != 0 : _tensor.Int32Data[0] != 0;
    }

    /// <summary>The one value of a tensor of one element.</summary>
    /// <exception cref="SubpException">It has another number of elements or is not of a floating-point type.</exception>
    public float ToScalar()
    {
        if (Count != 1)
            throw Invalid(Name, FormattableString.Invariant($"{Count} elements"), "one element");
        return ToFloats()[0];
    }

    private ushort Bits16(ReadOnlySpan<byte> raw, int index) =>
        _isRaw ? BinaryPrimitives.ReadUInt16LittleEndian(raw[(index * sizeof(ushort))..]) : unchecked((ushort)_tensor.Int32Data[index]);

    private static int ElementBytes(string name, int type) =>
        (DataType)type switch
        {
            DataType.Double or DataType.Int64 or DataType.Uint64 => 8,
            DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
            DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
            DataType.Bool or DataType.Int8 or DataType.Uint8 => 1,
            _ => throw (
                NarrowNumbers.Word(type) is { } word
                    ? NarrowNumbers.Unsupported(name, word)
                    : Invalid(name, FormattableString.Invariant($"elements of type {(DataType)type}"), "numbers")
            ),
        };

    private static int TypedCount(TensorProto tensor) =>
        (DataType)tensor.DataType switch
        {
            DataType.Float => tensor.FloatData.Count,
            DataType.Double => tensor.DoubleData.Count,
            DataType.Int64 => tensor.Int64Data.Count,
            DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
            _ => tensor.Int32Data.Count,
        };

    private static SubpException Invalid(string name, string found, string expected) =>
        new(DiagnosticDescriptors.OnnxTensor, $"tensor '{name}'", found, expected);
}
