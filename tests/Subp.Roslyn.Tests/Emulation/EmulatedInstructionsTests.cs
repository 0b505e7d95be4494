using System.Reflection;
using System.Runtime.Intrinsics;
using Xunit;
using Emulated = Subp.Roslyn.Tests.Emulation.Instructions;
using Native = System.Runtime.Intrinsics.X86;

namespace Subp.Roslyn.Tests.Emulation;

/// <summary>
/// Every emulated instruction against its definition, one lane at a time, and against the processor's own where the processor has it.
/// </summary>
public sealed unsafe class EmulatedInstructionsTests
{
    private static readonly Type[] s_emulations =
    [
        typeof(Emulated.Avx512Vbmi),
        typeof(Emulated.Avx512BW),
        typeof(Emulated.Avx512F),
        typeof(Emulated.Avx2),
        typeof(Emulated.Avx),
        typeof(Emulated.Fma),
        typeof(Emulated.Sse2),
        typeof(Emulated.Sse),
        typeof(Emulated.AvxVnni),
    ];

    public static TheoryData<string> Methods =>
        [.. s_emulations.SelectMany(type => Instructions(type)).Select(method => Key(method)).Distinct()];

    [Fact]
    public void Every_emulation_has_the_signature_of_the_instruction() =>
        Assert.All(
            s_emulations.SelectMany(AllMethods),
            method =>
            {
                var native = NativeOf(method);
                Assert.True(native is not null, $"{method.DeclaringType!.Name}: {method} is no method of System.Runtime.Intrinsics.X86.");
                Assert.Equal(native.ReturnType, method.ReturnType);
            }
        );

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_emulation_gives_the_bits_that_the_definition_says(string key)
    {
        var method = Instructions().Single(method => Key(method) == key);
        foreach (var operands in InstructionOperands.For(method))
        {
            var lanes = operands[0].Length;
            var expected = Enumerable.Range(0, lanes).Select(lane => Definition(method.Name, operands, lane)).ToArray();
            Assert.Equal(
                expected.Select(InstructionOperands.Bits),
                InstructionOperands.Call(method, operands).Select(InstructionOperands.Bits)
            );
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_emulation_gives_the_bits_of_the_processor_where_it_has_the_instruction(string key)
    {
        var method = Instructions().Single(method => Key(method) == key);
        var native = NativeOf(method)!;
        var isSupported = (bool)native.DeclaringType!.GetProperty("IsSupported")!.GetValue(null)!;
        Assert.All(
            InstructionOperands.For(method),
            operands =>
            {
                if (isSupported)
                    Assert.Equal(
                        InstructionOperands.Call(native, operands).Select(InstructionOperands.Bits),
                        InstructionOperands.Call(method, operands).Select(InstructionOperands.Bits)
                    );
                else
                    Assert.Throws<PlatformNotSupportedException>(() => InstructionOperands.Call(native, operands));
            }
        );
    }

    [Fact]
    public void Loads_stores_and_broadcasts_move_every_lane_and_no_more()
    {
        var source = Enumerable.Range(1, 20).Select(value => (float)value).ToArray();
        var numbers = Enumerable.Range(1, 20).ToArray();
        var target = new float[20];
        fixed (
            float* from = source,
                to = target
        )
        fixed (int* from32 = numbers)
        {
            Assert.Equal(Vector512.Create(source.AsSpan(1)), Emulated.Avx512F.LoadVector512(from + 1));
            Assert.Equal(Vector512.Create(numbers.AsSpan(1)), Emulated.Avx512F.LoadVector512(from32 + 1));
            Assert.Equal(Vector256.Create(source.AsSpan(1)), Emulated.Avx.LoadVector256(from + 1));
            Assert.Equal(Vector256.Create(numbers.AsSpan(1)), Emulated.Avx.LoadVector256(from32 + 1));
            Assert.Equal(Vector256.Create(3f), Emulated.Avx.BroadcastScalarToVector256(from + 2));
            Emulated.Sse.Prefetch0(from);
            Emulated.Avx512F.Store(to + 1, Vector512.Create(1f));
            Assert.Equal([0, .. Enumerable.Repeat(1f, 16), 0, 0, 0], target);
            Emulated.Avx.Store(to + 1, Vector256.Create(2f));
            Assert.Equal([0, .. Enumerable.Repeat(2f, 8), .. Enumerable.Repeat(1f, 8), 0, 0, 0], target);
        }
    }

    [Fact]
    public void Loads_and_stores_of_a_part_touch_the_lanes_whose_mask_is_negative()
    {
        var mask = Vector256.Create(-1, 0, -1, 0, int.MaxValue, int.MinValue, 0, 0).AsSingle();
        var numbers = Enumerable.Range(1, 8).Select(value => (float)value).ToArray();
        fixed (float* pointer = numbers)
        {
            Assert.Equal(Vector256.Create(1f, 0, 3, 0, 0, 6, 0, 0), Emulated.Avx.MaskLoad(pointer, mask));
            Emulated.Avx.MaskStore(pointer, mask, Vector256.Create(9f));
        }

        Assert.Equal([9f, 2, 9, 4, 5, 9, 7, 8], numbers);
    }

    [Fact]
    public void Loads_of_bytes_widen_them()
    {
        var bytes = Enumerable.Range(240, 24).Select(value => (byte)value).ToArray();
        fixed (byte* pointer = bytes)
        {
            Assert.Equal(Vector256.Create(241, 242, 243, 244, 245, 246, 247, 248), Emulated.Avx2.ConvertToVector256Int32(pointer + 1));
            Assert.Equal(
                Vector256.Create(241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 0),
                Emulated.Avx2.ConvertToVector256Int16(pointer + 1)
            );
        }
    }

    private static IEnumerable<MethodInfo> Instructions() => s_emulations.SelectMany(Instructions);

    // What takes pointers is tested by itself, what gives or takes other numbers by EmulatedIntegerInstructionsTests.
    private static IEnumerable<MethodInfo> Instructions(Type type) => AllMethods(type).Where(InstructionOperands.AreFloats);

    private static IEnumerable<MethodInfo> AllMethods(Type type) =>
        type.GetMethods(BindingFlags.Static | BindingFlags.Public).Where(method => !method.IsSpecialName);

    private static string Key(MethodInfo method) =>
        $"{method.DeclaringType!.Name}.{method.Name}({InstructionOperands.LanesOf(method)} lanes)";

    private static MethodInfo? NativeOf(MethodInfo method) =>
        typeof(Native.Avx512F)
            .Assembly.GetType($"System.Runtime.Intrinsics.X86.{method.DeclaringType!.Name}")!
            .GetMethod(method.Name, [.. method.GetParameters().Select(parameter => parameter.ParameterType)]);

    /// <summary>One lane of the result, from the manual of the processor.</summary>
    private static float Definition(string name, float[][] operands, int lane)
    {
        var (a, b) = (operands[0][lane], operands[1][lane]);
        return name switch
        {
            "Add" => a + b,
            "Subtract" => a - b,
            "Multiply" => a * b,
            "Divide" => a / b,
            "MultiplyAdd" or "FusedMultiplyAdd" => MathF.FusedMultiplyAdd(a, b, operands[2][lane]),
            "Max" => a > b ? a : b,
            "Min" => a < b ? a : b,
            "Scale" => Scaled(a, b),
            "Or" => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) | BitConverter.SingleToInt32Bits(b)),
            "CompareUnordered" => BitConverter.Int32BitsToSingle(float.IsNaN(a) || float.IsNaN(b) ? -1 : 0),
            "PermuteVar8x32" => operands[0][BitConverter.SingleToInt32Bits(b) & 7],
            "PermuteVar16x32" => operands[0][BitConverter.SingleToInt32Bits(b) & 15],
            "PermuteVar16x32x2" => operands[(BitConverter.SingleToInt32Bits(b) & 16) == 0 ? 0 : 2][BitConverter.SingleToInt32Bits(b) & 15],
            "UnpackLow" => operands[lane % 2][lane / 2],
            "UnpackHigh" => operands[lane % 2][2 + (lane / 2)],
            "MoveLowToHigh" => operands[lane / 2][lane % 2],
            "MoveHighToLow" => operands[1 - (lane / 2)][2 + (lane % 2)],
            "BlendVariable" => float.IsNegative(operands[2][lane]) ? b : a,
            _ => throw new ArgumentException($"No test knows what {name} does."),
        };
    }

    // a times 2 to the power of the integer not above b. An infinite power decides for a NaN, too.
    private static float Scaled(float a, float b) =>
        (float.IsNaN(a), b) switch
        {
            (_, float.NaN) => float.NaN,
            (true, float.PositiveInfinity) => float.PositiveInfinity,
            (true, float.NegativeInfinity) => 0,
            (false, float.PositiveInfinity) => a * b,
            (false, float.NegativeInfinity) => a * 0f,
            _ => (float)(a * Math.Pow(2, Math.Floor(Math.Clamp((double)b, -500, 500)))),
        };
}
