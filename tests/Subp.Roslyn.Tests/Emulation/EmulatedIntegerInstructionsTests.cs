using System.Reflection;
using System.Runtime.InteropServices;
using Xunit;
using Emulated = Subp.Roslyn.Tests.Emulation.Instructions;
using Native = System.Runtime.Intrinsics.X86;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Every emulated instruction on integers against its definition in the manual of the processor, one lane at a time, and against the
/// processor's own where the processor has it.
/// </summary>
public sealed class EmulatedIntegerInstructionsTests
{
    private const int Draws = 300;

    private static readonly Type[] s_emulations =
    [
        typeof(Emulated.Avx512Vbmi),
        typeof(Emulated.Avx512BW),
        typeof(Emulated.Avx512F),
        typeof(Emulated.Avx2),
        typeof(Emulated.Avx),
        typeof(Emulated.Sse2),
        typeof(Emulated.AvxVnni),
    ];

    // Pairs of these are the ends of every range that a sum or a pack could leave, and halves that are rounded to even.
    private static readonly byte[][] s_patterns =
    [
        [0x00, 0x00, 0x00, 0x00],
        [0xFF, 0xFF, 0xFF, 0xFF],
        [0x80, 0x80, 0x80, 0x80],
        [0x7F, 0x7F, 0x7F, 0x7F],
        [0x00, 0x80, 0x00, 0x80],
        [0xFF, 0x7F, 0xFF, 0x7F],
        [0x00, 0x00, 0x00, 0x80],
        [0xFF, 0xFF, 0xFF, 0x7F],
        [0x01, 0x00, 0xFF, 0x00],
        .. new[] { 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 2147483648f, -2147483648f, 2147483520f, float.NaN, -0f }.Select(BitConverter.GetBytes),
    ];

    public static TheoryData<string> Methods => [.. Instructions().Select(Key)];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_emulation_gives_the_lanes_that_the_definition_says(string key)
    {
        var method = Instructions().Single(method => Key(method) == key);
        var elements = TypesOf(method).Select(ElementOf).ToArray();
        var result = ElementOf(method.ReturnType);
        Assert.All(
            Operands(method),
            operands =>
            {
                var lanes = operands.Zip(elements, Lanes).ToArray();
                var expected = Definition(method.Name, lanes, elements[0], result).Select(lane => Wrapped(lane, result));
                Assert.Equal(expected, Lanes(InstructionOperands.Call(method, operands), result));
            }
        );
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_emulation_gives_the_bits_of_the_processor_where_it_has_the_instruction(string key)
    {
        var method = Instructions().Single(method => Key(method) == key);
        var native = typeof(Native.Avx512F)
            .Assembly.GetType($"System.Runtime.Intrinsics.X86.{method.DeclaringType!.Name}")!
            .GetMethod(method.Name, [.. TypesOf(method)])!;
        var isSupported = (bool)native.DeclaringType!.GetProperty("IsSupported")!.GetValue(null)!;
        Assert.All(
            Operands(method),
            operands =>
            {
                if (isSupported)
                    Assert.Equal(InstructionOperands.Call(native, operands), InstructionOperands.Call(method, operands));
                else
                    Assert.Throws<PlatformNotSupportedException>(() => InstructionOperands.Call(native, operands));
            }
        );
    }

    private static IEnumerable<MethodInfo> Instructions() =>
        s_emulations
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
            .Where(method => !method.IsSpecialName && !InstructionOperands.AreFloats(method))
            .Where(method => TypesOf(method).All(type => !type.IsPointer));

    private static string Key(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", TypesOf(method).Select(Text))})";

    private static IEnumerable<Type> TypesOf(MethodInfo method) => method.GetParameters().Select(parameter => parameter.ParameterType);

    private static string Text(Type type) => type.IsGenericType ? $"{type.Name[..9]} of {ElementOf(type).Name}" : type.Name;

    private static Type ElementOf(Type type) => type.IsGenericType ? type.GenericTypeArguments[0] : type;

    // Patterns in every place of a vector against each other, then drawn bits; every immediate number in turn.
    private static IEnumerable<byte[][]> Operands(MethodInfo method)
    {
        var random = new Random(1);
        var sizes = TypesOf(method).Select(type => Marshal.SizeOf(Instance(type))).ToArray();
        for (var draw = 0; draw < Draws; draw++)
        {
            yield return [.. sizes.Select(size => size == 1 ? [(byte)draw] : Drawn(size, isPattern: draw < Draws / 2, random))];
        }
    }

    private static byte[] Drawn(int size, bool isPattern, Random random)
    {
        var bytes = new byte[size];
        random.NextBytes(bytes);
        for (var place = 0; isPattern && place < size; place += 4)
            s_patterns[random.Next(s_patterns.Length)].CopyTo(bytes, place);
        return bytes;
    }

    private static long[] Lanes(byte[] bytes, Type element) =>
        element == typeof(byte) ? [.. bytes.Select(value => (long)value)]
        : element == typeof(sbyte) ? [.. bytes.Select(value => (long)(sbyte)value)]
        : element == typeof(short) ? [.. MemoryMarshal.Cast<byte, short>(bytes).ToArray().Select(value => (long)value)]
        : element == typeof(long) ? MemoryMarshal.Cast<byte, long>(bytes).ToArray()
        : [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(value => (long)value)];

    private static long Wrapped(long lane, Type element) =>
        element == typeof(byte) ? (byte)lane
        : element == typeof(sbyte) ? (sbyte)lane
        : element == typeof(short) ? (short)lane
        : element == typeof(long) ? lane
        : (int)lane;

    private static long[] Definition(string name, long[][] operands, Type element, Type result)
    {
        var a = operands[0];
        var b = operands.Length > 1 ? operands[1] : [];
        return name switch
        {
            "Add" => [.. a.Zip(b, (left, right) => left + right)],
            "Subtract" => [.. a.Zip(b, (left, right) => left - right)],
            "Max" => [.. a.Zip(b, Math.Max)],
            "MultiplyLow" => [.. a.Zip(b, (left, right) => left * right)],
            "ShiftLeftLogical" => [.. a.Select(value => b[0] > 15 ? 0 : value << (int)b[0])],
            "ShiftRightArithmetic" => [.. a.Select(value => value >> (int)Math.Min(b[0], 15))],
            "ConvertToVector256Single" or "ConvertToVector512Single" =>
            [
                .. a.Select(value => (long)BitConverter.SingleToInt32Bits((int)value)),
            ],
            "ConvertToVector256Int32" or "ConvertToVector512Int32" when element == typeof(float) => [.. a.Select(Rounded)],
            "ConvertToVector256Int16" or "ConvertToVector512Int16" or "ConvertToVector512Int32" or "ConvertToVector128Byte" => a,
            "PermuteVar16x32" => [.. b.Select(index => a[index & 15])],
            "PermuteVar8x32" => [.. b.Select(index => a[index & 7])],
            "UnpackLow" or "UnpackHigh" => Unpacked(a, b, isHigh: name == "UnpackHigh"),
            "PermuteVar64x8" => [.. b.Select(index => a[index & 63])],
            "Permute4x64" => [.. Enumerable.Range(0, 4).Select(lane => a[(b[0] >> (2 * lane)) & 3])],
            "ExtractVector128" => a[(int)(16 * (b[0] & 3))..(int)(16 + (16 * (b[0] & 3)))],
            "Shuffle" => [.. b.Select((index, lane) => index > 127 ? 0 : a[(lane / 16 * 16) + (index & 15)])],
            "MultiplyAddAdjacent" =>
            [
                .. Enumerable
                    .Range(0, a.Length / 2)
                    .Select(lane => (a[2 * lane] * b[2 * lane]) + (a[(2 * lane) + 1] * b[(2 * lane) + 1]))
                    .Select(sum => result == typeof(short) ? Saturated(sum, result) : sum),
            ],
            "MultiplyWideningAndAdd" =>
            [
                .. a.Select((sum, lane) => sum + Enumerable.Range(4 * lane, 4).Sum(index => b[index] * operands[2][index])),
            ],
            "PackSignedSaturate" or "PackUnsignedSaturate" =>
            [
                .. Packed(a, b, element == typeof(int) ? 4 : 8).Select(value => Saturated(value, result)),
            ],
            _ => throw new ArgumentException($"No test knows what {name} does."),
        };
    }

    // Half of 128 bits of the one vector, then of the other, and so on.
    private static IEnumerable<long> Packed(long[] left, long[] right, int half)
    {
        for (var first = 0; first < left.Length; first += half)
        {
            foreach (var value in left[first..(first + half)].Concat(right[first..(first + half)]))
                yield return value;
        }
    }

    // Of each half of 128 bits the lower or the upper half of the elements, of both operands in turns.
    private static long[] Unpacked(long[] left, long[] right, bool isHigh)
    {
        var half = left.Length / 2;
        return
        [
            .. from lane in Enumerable.Range(0, left.Length)
            let place = (lane / half * half) + (isHigh ? half / 2 : 0) + (lane % half / 2)
            select lane % 2 == 0 ? left[place] : right[place],
        ];
    }

    private static long Saturated(long value, Type element) =>
        element == typeof(byte) ? Math.Clamp(value, byte.MinValue, byte.MaxValue) : Math.Clamp(value, short.MinValue, short.MaxValue);

    private static long Rounded(long bits)
    {
        var value = Math.Round((double)BitConverter.Int32BitsToSingle((int)bits), MidpointRounding.ToEven);
        return value is >= int.MinValue and <= int.MaxValue ? (long)value : int.MinValue;
    }

    private static object Instance(Type type) => Activator.CreateInstance(type)!;
}
