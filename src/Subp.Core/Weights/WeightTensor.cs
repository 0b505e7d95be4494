using System.Runtime.InteropServices;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Weights;

/// <summary>The dense values of one parameter, outermost dimension first; pruned weights are stored as zeros.</summary>
public sealed class WeightTensor
{
    private readonly Array _values;

    /// <summary>Creates a tensor of single-precision numbers over <paramref name="values"/>, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the element count of the shape.</exception>
    public WeightTensor(TensorShape shape, float[] values)
        : this(shape, values, ElementType.Float32) { }

    /// <summary>Creates a tensor of signed bytes over <paramref name="values"/>, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the element count of the shape.</exception>
    public static WeightTensor FromSignedBytes(TensorShape shape, sbyte[] values) => new(shape, values, ElementType.Int8);

    /// <summary>Creates a tensor of unsigned bytes over <paramref name="values"/>, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the element count of the shape.</exception>
    public static WeightTensor FromBytes(TensorShape shape, byte[] values) => new(shape, values, ElementType.UInt8);

    /// <summary>Creates a tensor of 32-bit integers over <paramref name="values"/>, which are not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the element count of the shape.</exception>
    public static WeightTensor FromIntegers(TensorShape shape, int[] values) => new(shape, values, ElementType.Int32);

    private WeightTensor(TensorShape shape, Array values, ElementType element)
    {
        if (values.Length != shape.ElementCount)
            throw new ArgumentException($"{values.Length} values for the shape {shape}.", nameof(values));
        (Shape, _values, Element) = (shape, values, element);
    }

    /// <summary>The dense shape.</summary>
    public TensorShape Shape { get; }

    /// <summary>What one element is.</summary>
    public ElementType Element { get; }

    /// <summary>The values of a tensor of single-precision numbers; shared, not a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds something else.</exception>
    public float[] Values => As<float>(ElementType.Float32);

    /// <summary>The values of a tensor of signed bytes; shared, not a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds something else.</exception>
    public sbyte[] SignedBytes => As<sbyte>(ElementType.Int8);

    /// <summary>The values of a tensor of unsigned bytes; shared, not a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds something else.</exception>
    public byte[] Bytes => As<byte>(ElementType.UInt8);

    /// <summary>The values of a tensor of 32-bit integers; shared, not a copy.</summary>
    /// <exception cref="InvalidOperationException">The tensor holds something else.</exception>
    public int[] Integers => As<int>(ElementType.Int32);

    /// <summary>Requires every value to be finite.</summary>
    /// <param name="place">Where the tensor comes from and its name, for the message.</param>
    /// <exception cref="SubpException">SUBP0305: a value is NaN or infinite; the message names the first.</exception>
    public void RequireFinite(string place) => Require(place, float.IsFinite);

    /// <summary>Requires every value to be a number, be it infinite, as those of masks are.</summary>
    /// <param name="place">Where the tensor comes from and its name, for the message.</param>
    /// <exception cref="SubpException">SUBP0305: a value is NaN; the message names the first.</exception>
    public void RequireNumbers(string place) => Require(place, static value => !float.IsNaN(value));

    private void Require(string place, Func<float, bool> isFit)
    {
        if (Element != ElementType.Float32)
            return;
        for (var index = 0; index < Values.Length; index++)
        {
            if (!isFit(Values[index]))
                throw new SubpException(
                    DiagnosticDescriptors.WeightNotFinite,
                    place,
                    FormattableString.Invariant($"{Values[index]} at index {index}"),
                    "finite numbers",
                    "Train again with a smaller learning rate, or repair the file the weights came from."
                );
        }
    }

    /// <summary>The values as they lie in the canonical file: little-endian, of a block-sparse parameter the kept blocks.</summary>
    /// <exception cref="SubpException">SUBP0306: a pruned value is not zero.</exception>
    internal ReadOnlyMemory<byte> Stored(Parameter parameter) =>
        Element switch
        {
            ElementType.Int8 => MemoryMarshal.AsBytes<sbyte>(Packed(parameter, SignedBytes)).ToArray(),
            ElementType.UInt8 => Bytes,
            ElementType.Int32 => LittleEndian(Integers),
            _ => LittleEndian(Packed(parameter, Values)),
        };

    /// <summary>Requires the values to be zero wherever the pattern of the parameter prunes.</summary>
    /// <exception cref="SubpException">SUBP0306: a pruned value is not zero.</exception>
    internal void RequirePattern(Parameter parameter)
    {
        if (parameter.Pattern is null)
            return;
        if (Element == ElementType.Int8)
            BlockSparseValues.RequireZerosOutside<sbyte>(parameter, SignedBytes);
        else
            BlockSparseValues.RequireZerosOutside<float>(parameter, Values);
    }

    /// <summary>The values in the order of the canonical file: of a block-sparse parameter those of kept blocks.</summary>
    /// <exception cref="SubpException">SUBP0306: a pruned value is not zero.</exception>
    internal T[] InStoredOrder<T>(Parameter parameter, T[] values)
        where T : unmanaged, IEquatable<T> => Packed(parameter, values);

    /// <summary>A tensor of single-precision numbers in the order of the canonical file.</summary>
    internal static WeightTensor FromStoredOrder(Parameter parameter, float[] values) =>
        new(parameter.Shape, parameter.Pattern is null ? values : BlockSparseValues.Unpack<float>(parameter, values));

    /// <summary>A tensor of signed bytes in the order of the canonical file.</summary>
    internal static WeightTensor FromStoredOrder(Parameter parameter, sbyte[] values) =>
        FromSignedBytes(parameter.Shape, parameter.Pattern is null ? values : BlockSparseValues.Unpack<sbyte>(parameter, values));

    /// <summary>Reads the values of a parameter as they lie in a file.</summary>
    /// <param name="parameter">The declaration, which says what the bytes are.</param>
    /// <param name="bytes">As many little-endian bytes as the stored shape asks for.</param>
    internal static WeightTensor FromStored(Parameter parameter, ReadOnlySpan<byte> bytes)
    {
        switch (parameter.Element)
        {
            case ElementType.UInt8:
                return FromBytes(parameter.Shape, bytes.ToArray());
            case ElementType.Int8:
                return FromStoredOrder(parameter, MemoryMarshal.Cast<byte, sbyte>(bytes).ToArray());
            case ElementType.Int32:
                return FromIntegers(parameter.Shape, LittleEndian<int>(bytes));
            default:
                return FromStoredOrder(parameter, LittleEndian<float>(bytes));
        }
    }

    private T[] As<T>(ElementType expected) =>
        Element == expected
            ? (T[])_values
            : throw new InvalidOperationException($"The tensor holds {ElementTypes.Word(Element)}, not {ElementTypes.Word(expected)}.");

    private static T[] Packed<T>(Parameter parameter, T[] dense)
        where T : unmanaged, IEquatable<T> => parameter.Pattern is null ? dense : BlockSparseValues.Pack<T>(parameter, dense);

    private static byte[] LittleEndian<T>(T[] values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes<T>(values).ToArray();
        if (!BitConverter.IsLittleEndian)
            ReverseWords(bytes);
        return bytes;
    }

    private static T[] LittleEndian<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        var copy = bytes.ToArray();
        if (!BitConverter.IsLittleEndian)
            ReverseWords(copy);
        return MemoryMarshal.Cast<byte, T>(copy).ToArray();
    }

    private static void ReverseWords(byte[] bytes)
    {
        for (var first = 0; first < bytes.Length; first += sizeof(int))
            Array.Reverse(bytes, first, sizeof(int));
    }
}
