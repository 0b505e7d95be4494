using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Operands that try an instruction: every pair of special floats, each pair with a third, then drawn numbers; indices are all numbers from
/// -20 to 40 where the instruction takes indices.
/// </summary>
internal static class InstructionOperands
{
    private static readonly float[] s_special =
    [
        float.NaN,
        float.PositiveInfinity,
        float.NegativeInfinity,
        0f,
        -0f,
        1f,
        -1f,
        float.Epsilon,
        -float.Epsilon,
        float.MaxValue,
        float.MinValue,
        1.17549435e-38f,
        1f + 1.1920929e-7f,
    ];

    /// <summary>Whether a method gives floats and takes floats first, and neither immediate numbers nor pointers.</summary>
    public static bool AreFloats(MethodInfo method) =>
        method.ReturnType.GenericTypeArguments.FirstOrDefault() == typeof(float)
        && method.GetParameters()[0].ParameterType.GenericTypeArguments.FirstOrDefault() == typeof(float)
        && method.GetParameters().All(parameter => parameter.ParameterType.IsGenericType);

    /// <summary>The lanes of the vectors a method takes.</summary>
    public static int LanesOf(MethodInfo method) => SizeOf(method.GetParameters()[0].ParameterType) / sizeof(float);

    /// <summary>The operands, as floats of the same bits where the method takes integers.</summary>
    public static IEnumerable<float[][]> For(MethodInfo method)
    {
        var (lanes, parameters) = (LanesOf(method), method.GetParameters());
        var random = new Random(1);
        var columns = parameters
            .Select(
                (parameter, place) =>
                    parameter.ParameterType.GenericTypeArguments[0] == typeof(int)
                        ? [.. Enumerable.Range(0, 61 * 16).Select(index => BitConverter.Int32BitsToSingle((index % 61) - 20))]
                        : Floats(place, random)
            )
            .ToArray();
        for (var first = 0; first + lanes <= columns.Min(column => column.Length); first += lanes)
            yield return [.. columns.Select(column => column[first..(first + lanes)])];
    }

    /// <summary>Calls a method with vectors of these lanes.</summary>
    public static float[] Call(MethodInfo method, float[][] operands) =>
        MemoryMarshal
            .Cast<byte, float>(Call(method, [.. operands.Select(lanes => MemoryMarshal.AsBytes<float>(lanes).ToArray())]))
            .ToArray();

    /// <summary>Calls a method with operands of these bytes, and gives the bytes of its result.</summary>
    public static byte[] Call(MethodInfo method, byte[][] operands)
    {
        object?[] arguments =
        [
            .. method
                .GetParameters()
                .Zip(operands, (parameter, bytes) => Generic(nameof(Read), parameter.ParameterType).Invoke(null, [bytes])),
        ];
        try
        {
            return (byte[])Generic(nameof(Bytes), method.ReturnType).Invoke(null, [method.Invoke(null, arguments)])!;
        }
        catch (TargetInvocationException failure) when (failure.InnerException is { } inner)
        {
            throw inner;
        }
    }

    /// <summary>The bits of a float; one pattern for all NaN, of which processors differ in the sign and the payload.</summary>
    public static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);

    private static float[] Floats(int place, Random random)
    {
        var count = s_special.Length;
        var triples = Enumerable.Range(0, count * count * count);
        var special = triples.Select(index =>
            s_special[
                place switch
                {
                    0 => index % count,
                    1 => index / count % count,
                    _ => index / count / count,
                }
            ]
        );
        return [.. special, .. Enumerable.Range(0, 1000).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(2, random.Next(-40, 40)))];
    }

    private static int SizeOf(Type vector) =>
        vector.GetGenericTypeDefinition() == typeof(Vector512<>) ? 64
        : vector.GetGenericTypeDefinition() == typeof(Vector256<>) ? 32
        : 16;

    private static MethodInfo Generic(string name, Type vector) =>
        typeof(InstructionOperands).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(vector);

    private static T Read<T>(byte[] bytes)
        where T : struct => MemoryMarshal.Read<T>(bytes);

    private static byte[] Bytes<T>(T value)
        where T : struct => MemoryMarshal.AsBytes<T>([value]).ToArray();
}
