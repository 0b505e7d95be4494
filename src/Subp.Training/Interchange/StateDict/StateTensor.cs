namespace Subp.Training.Interchange.StateDict;

/// <summary>One tensor of a state dictionary. Its values stay in the file until they are asked for.</summary>
public sealed class StateTensor
{
    private readonly Func<ReadOnlyMemory<byte>> _read;
    private readonly long _offset;
    private readonly long[] _strides;

    /// <summary>Describes a tensor whose extent has been checked against its storage.</summary>
    /// <param name="name">The name, as the file has it.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The dimensions, outermost first; none for a scalar.</param>
    /// <param name="strides">How many elements of the storage lie between neighbours along each dimension.</param>
    /// <param name="offset">The first element within the storage.</param>
    /// <param name="read">Gives the bytes of the storage.</param>
    internal StateTensor(
        string name,
        ElementType type,
        IReadOnlyList<long> shape,
        IReadOnlyList<long> strides,
        long offset,
        Func<ReadOnlyMemory<byte>> read
    )
    {
        Name = name;
        Type = type;
        Shape = shape;
        _strides = [.. strides];
        _offset = offset;
        _read = read;
    }

    /// <summary>The name, as the file has it.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The dimensions, outermost first; none for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>The shape in brackets, for messages.</summary>
    public string ShapeText => $"[{string.Join(',', Shape)}]";

    /// <summary>The same tensor under another name.</summary>
    internal StateTensor WithName(string name) => new(name, Type, Shape, _strides, _offset, _read);

    /// <summary>The values as single-precision numbers, in the order of the shape.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">SUBP0560: the bytes in the file are damaged.</exception>
    public float[] ToFloats()
    {
        long count = Shape.Aggregate(1L, (product, dimension) => product * dimension);
        var values = new float[count];
        if (count == 0)
            return values;

        var bytes = _read().Span;
        var index = new long[Shape.Count];
        long position = _offset;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ElementValues.Read(Type, bytes[(int)(position * Type.Bytes)..]);
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                position += _strides[axis];
                if (++index[axis] < Shape[axis])
                    break;

                position -= _strides[axis] * Shape[axis];
                index[axis] = 0;
            }
        }

        return values;
    }

    /// <summary>The strides of a tensor whose elements lie one after the other.</summary>
    internal static long[] Contiguous(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long stride = 1;
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= shape[axis];
        }

        return strides;
    }
}
