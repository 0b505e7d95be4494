using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// How one instruction set spells vector operations of one length. Only intrinsics that the JIT expands in place are used: the Load and
/// Store methods of Vector512 and Vector256 are ordinary methods whose inlining stops in very large kernels.
/// </summary>
internal sealed class VectorDialect
{
    private VectorDialect(InstructionSet set, int lanes)
    {
        Set = set;
        Lanes = lanes;
    }

    /// <summary>The instruction set.</summary>
    public InstructionSet Set { get; }

    /// <summary>Floats in a vector.</summary>
    public int Lanes { get; }

    /// <summary>The vector type.</summary>
    public string Type => Invariant($"Simd::Vector{Lanes * 32}<float>");

    /// <summary>The zero vector.</summary>
    public string Zero => Type + ".Zero";

    private string X86 =>
        Lanes switch
        {
            16 => "X86::Avx512F",
            8 => "X86::Avx",
            _ => "X86::Sse",
        };

    /// <summary>The dialect of a set with vectors of a length.</summary>
    public static VectorDialect Of(InstructionSet set, int lanes) => new(set, lanes);

    /// <summary>The dialect of a set with its longest vectors.</summary>
    public static VectorDialect Longest(InstructionSet set) =>
        new(
            set,
            set switch
            {
                InstructionSet.Avx512 => 16,
                InstructionSet.Avx2 => 8,
                _ => 4,
            }
        );

    /// <summary>A vector from memory; no alignment is needed.</summary>
    public string Load(string pointer) =>
        Lanes switch
        {
            16 => $"X86::Avx512F.LoadVector512({pointer})",
            8 => $"X86::Avx.LoadVector256({pointer})",
            _ => $"*(Simd::Vector128<float>*)({pointer})",
        };

    /// <summary>The statement that stores a vector.</summary>
    public string Store(string pointer, string value) =>
        Lanes == 4 ? $"*(Simd::Vector128<float>*)({pointer}) = {value};" : $"{X86}.Store({pointer}, {value});";

    /// <summary>
    /// One float from memory in all lanes; where the set allows it, the JIT folds it into the multiply-add that uses it. The spelling is
    /// the one that the C# compiler binds in the least time: an index rather than a sum of pointer and distance, and no overloads for other
    /// numbers.
    /// </summary>
    public string Broadcast(string pointer) =>
        Lanes == 8 && Set == InstructionSet.Avx2
            ? $"X86::Avx.BroadcastScalarToVector256({pointer})"
            : Invariant($"Simd::Vector{Lanes * 32}.Create<float>({Element(pointer)})");

    /// <summary>A constant in all lanes.</summary>
    public string Constant(string literal) => Invariant($"Simd::Vector{Lanes * 32}.Create({literal})");

    /// <summary>factor * factor + addend.</summary>
    public string MultiplyAdd(string left, string right, string addend) =>
        Set == InstructionSet.Portable ? $"Simd::Vector128.MultiplyAddEstimate({left}, {right}, {addend})"
        : Lanes == 16 ? $"X86::Avx512F.FusedMultiplyAdd({left}, {right}, {addend})"
        : $"X86::Fma.MultiplyAdd({left}, {right}, {addend})";

    /// <summary>The sum.</summary>
    public string Add(string left, string right) => Set == InstructionSet.Portable ? $"{left} + {right}" : $"{X86}.Add({left}, {right})";

    /// <summary>The difference.</summary>
    public string Subtract(string left, string right) =>
        Set == InstructionSet.Portable ? $"{left} - {right}" : $"{X86}.Subtract({left}, {right})";

    /// <summary>The product.</summary>
    public string Multiply(string left, string right) =>
        Set == InstructionSet.Portable ? $"{left} * {right}" : $"{X86}.Multiply({left}, {right})";

    /// <summary>
    /// The larger of each lane; NaN where the second is NaN. The instruction of x86 gives its second operand where either is NaN, so what
    /// may be NaN comes second. The portable one gives NaN where either is, by its definition on every processor: one instruction on
    /// ARM64, while MaxNative, which is one everywhere, promises nothing of NaN.
    /// </summary>
    public string Max(string left, string right) =>
        Set == InstructionSet.Portable ? $"Simd::Vector128.Max({left}, {right})" : $"{X86}.Max({left}, {right})";

    /// <summary>The smaller of each lane; NaN where the second is NaN.</summary>
    public string Min(string left, string right) =>
        Set == InstructionSet.Portable ? $"Simd::Vector128.Min({left}, {right})" : $"{X86}.Min({left}, {right})";

    /// <summary>
    /// The largest of three in each lane, NaN where any is NaN: the third is kept by its place, the first two are compared. The first two
    /// must be locals, since x86 reads them twice.
    /// </summary>
    public string MaxOfAll(string first, string second, string third) => NaNWhereUnordered(Max(Max(first, second), third), first, second);

    /// <summary>The larger of two in each lane, NaN where either is NaN. Both must be locals, since x86 reads them twice.</summary>
    public string MaxOfAll(string first, string second) => NaNWhereUnordered(Max(first, second), first, second);

    // All bits set are a NaN, so a mask of vectors is merged by an OR; AVX-512 has its masks in registers of their own.
    private string NaNWhereUnordered(string value, string left, string right) =>
        Set == InstructionSet.Portable ? value
        : Lanes == 16 ? $"X86::Avx512F.BlendVariable({value}, {Constant("float.NaN")}, X86::Avx512F.CompareUnordered({left}, {right}))"
        : $"{X86}.Or({value}, {X86}.CompareUnordered({left}, {right}))";

    /// <summary>The float at an address: <c>*pixel</c>, <c>pixel[16]</c> or <c>pixel[-16]</c>.</summary>
    private static string Element(string address)
    {
        var end = address.IndexOf(' ');
        if (end < 0)
            return "*" + address;
        var distance = address.Substring(end + 3);
        return $"{address.Substring(0, end)}[{(address[end + 1] == '-' ? "-" : "")}{distance}]";
    }
}
