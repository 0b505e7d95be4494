using Subp.Compiler.Emission.Runtime;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Bytes;

/// <summary>
/// How an instruction set spells the arithmetic of bytes: as many as a vector has lanes become 32-bit integers or floats, and integers
/// become bytes again. Vectors of four lanes are those of the base library on every set, for values of so few channels.
/// </summary>
internal sealed class ByteVectors
{
    private ByteVectors(int lanes) => Lanes = lanes;

    /// <summary>The integers or floats of a vector.</summary>
    public int Lanes { get; }

    /// <summary>The longest vectors of a set that are no longer than a limit.</summary>
    public static ByteVectors Of(InstructionSet set, int most = 16) =>
        new(
            Math.Min(
                most >= 16 ? 16
                    : most >= 8 ? 8
                    : 4,
                set switch
                {
                    InstructionSet.Avx512 => 16,
                    InstructionSet.Avx2 => 8,
                    _ => 4,
                }
            )
        );

    /// <summary>The vectors of the longest kind that AVX2 has, in kernels of AVX-512 that use its instructions.</summary>
    public static ByteVectors Short { get; } = new(8);

    /// <summary>The type of integers.</summary>
    public string Integers => Invariant($"{Simd}<int>");

    /// <summary>The type of floats.</summary>
    public string Floats => Invariant($"{Simd}<float>");

    /// <summary>The class of functions of vectors of this length.</summary>
    public string Simd => Invariant($"Simd::Vector{Lanes * 32}");

    private string X86 => Lanes == 16 ? "X86::Avx512F" : "X86::Avx";

    private string X86Integer => Lanes == 16 ? "X86::Avx512F" : "X86::Avx2";

    private bool IsPortable => Lanes == 4;

    /// <summary>Integers from memory.</summary>
    public string LoadIntegers(string pointer) => Invariant($"*({Integers}*)({pointer})");

    /// <summary>Floats from memory.</summary>
    public string LoadFloats(string pointer) => Invariant($"*({Floats}*)({pointer})");

    /// <summary>The bytes at an address as integers.</summary>
    public string LoadBytes(string pointer) =>
        Lanes switch
        {
            16 => Invariant($"X86::Avx512F.ConvertToVector512Int32(*(Simd::Vector128<byte>*)({pointer}))"),
            8 => Invariant($"X86::Avx2.ConvertToVector256Int32({pointer})"),
            _ => "Simd::Vector128.AsInt32(Simd::Vector128.WidenLower(Simd::Vector128.WidenLower("
                + Invariant($"Simd::Vector128.AsByte(Simd::Vector128.CreateScalar(*(uint*)({pointer}))))))"),
        };

    /// <summary>The statement that stores integers of 0 to 255 as bytes.</summary>
    public string StoreBytes(string pointer, string integers) =>
        Lanes switch
        {
            16 => Invariant($"*(Simd::Vector128<byte>*)({pointer}) = X86::Avx512F.ConvertToVector128Byte({integers});"),
            8 => Invariant($"*(ulong*)({pointer}) = PackBytes({integers});"),
            _ => Invariant($"*(uint*)({pointer}) = PackBytes({integers});"),
        };

    /// <summary>Sixteen neighbouring bytes of a vector of AVX-512 or AVX2.</summary>
    public string Sixteen(string bytes, int index) =>
        (Lanes, index) switch
        {
            (16, 0) => $"Simd::Vector256.GetLower(Simd::Vector512.GetLower({bytes}))",
            (16, _) => Invariant($"X86::Avx512F.ExtractVector128({bytes}, {index})"),
            (_, 0) => $"Simd::Vector256.GetLower({bytes})",
            _ => $"Simd::Vector256.GetUpper({bytes})",
        };

    /// <summary>The larger of bytes, of a vector of AVX-512 or AVX2.</summary>
    public string MaxBytes(string left, string right) => $"X86::{(Lanes == 16 ? "Avx512BW" : "Avx2")}.Max({left}, {right})";

    /// <summary>One integer in all lanes.</summary>
    public string Constant(int value) => Invariant($"{Simd}.Create({value})");

    /// <summary>One float in all lanes.</summary>
    public string Constant(float value) => $"{Simd}.Create({CSharpText.Literal(value)})";

    /// <summary>Integers as floats, rounded to the nearest, ties to even.</summary>
    public string ToFloats(string integers) =>
        Lanes switch
        {
            16 => $"X86::Avx512F.ConvertToVector512Single({integers})",
            8 => $"X86::Avx.ConvertToVector256Single({integers})",
            _ => $"Simd::Vector128.ConvertToSingle({integers})",
        };

    /// <summary>Floats rounded to the nearest integer, ties to even.</summary>
    public string Round(string floats) =>
        Lanes switch
        {
            16 => $"X86::Avx512F.ConvertToVector512Int32({floats})",
            8 => $"X86::Avx.ConvertToVector256Int32({floats})",
            _ => $"Simd::Vector128.ConvertToInt32(Simd::Vector128.Round({floats}))",
        };

    /// <summary>Floats rounded to the nearest whole number, ties to even.</summary>
    public string RoundToFloats(string floats) => $"{Simd}.Round({floats})";

    /// <summary>The sum of integers.</summary>
    public string AddIntegers(string left, string right) => IsPortable ? $"({left} + {right})" : $"{X86Integer}.Add({left}, {right})";

    /// <summary>The difference of integers.</summary>
    public string SubtractIntegers(string left, string right) =>
        IsPortable ? $"({left} - {right})" : $"{X86Integer}.Subtract({left}, {right})";

    /// <summary>The larger of integers.</summary>
    public string MaxIntegers(string left, string right) =>
        IsPortable ? $"Simd::Vector128.Max({left}, {right})" : $"{X86Integer}.Max({left}, {right})";

    /// <summary>The product of integers.</summary>
    public string MultiplyIntegers(string left, string right) =>
        IsPortable ? $"({left} * {right})" : $"{X86Integer}.MultiplyLow({left}, {right})";

    /// <summary>The sum of floats, rounded.</summary>
    public string Add(string left, string right) => IsPortable ? $"({left} + {right})" : $"{X86}.Add({left}, {right})";

    /// <summary>The product of floats, rounded.</summary>
    public string Multiply(string left, string right) => IsPortable ? $"({left} * {right})" : $"{X86}.Multiply({left}, {right})";

    /// <summary>The quotient of floats, rounded.</summary>
    public string Divide(string left, string right) => IsPortable ? $"({left} / {right})" : $"{X86}.Divide({left}, {right})";

    /// <summary>The larger of floats; the bound where the value is NaN.</summary>
    public string AtLeast(string value, string bound) =>
        IsPortable ? $"Simd::Vector128.MaxNumber({value}, {bound})" : $"{X86}.Max({value}, {bound})";

    /// <summary>The smaller of floats.</summary>
    public string AtMost(string value, string bound) =>
        IsPortable ? $"Simd::Vector128.Min({value}, {bound})" : $"{X86}.Min({value}, {bound})";
}
