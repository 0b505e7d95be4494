using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>
/// How quads of bytes are multiplied by quads of weights, for one instruction set and mode: a lane is an output, its quad of weights four
/// signed bytes.
/// </summary>
/// <param name="set">The instruction set.</param>
/// <param name="mode">The mode.</param>
internal sealed class QuadVectors(InstructionSet set, ProductMode mode)
{
    private static readonly string[] s_suffixes = ["a", "b", "c", "d"];

    /// <summary>The vectors of sums.</summary>
    public ByteVectors Vectors { get; } = IsDotMode(mode) ? ByteVectors.Short : ByteVectors.Of(set);

    /// <summary>The mode.</summary>
    public ProductMode Mode => mode;

    /// <summary>Vectors of sums that sixteen outputs take.</summary>
    public int Parts => IntegerConvolutionPlan.Lanes / Vectors.Lanes;

    /// <summary>Bytes of a quad of the input in scratch memory.</summary>
    public int QuadBytes => IsWide ? 8 : 4;

    /// <summary>True where the input is widened to 16 bits in scratch memory.</summary>
    public bool IsWide => mode == ProductMode.Wide;

    /// <summary>True where four products are added at once.</summary>
    public bool IsDot => IsDotMode(mode);

    // The class of what is done with 16-bit integers.
    private string Pairs => Vectors.Lanes == 16 ? "X86::Avx512BW" : "X86::Avx2";

    /// <summary>True where products are added up in 16 bits first.</summary>
    public bool IsShort => mode == ProductMode.Short;

    /// <summary>The type of 16-bit sums.</summary>
    public string Shorts => $"{Vectors.Simd}<short>";

    /// <summary>The most pixels of a tile: as many as the registers hold, or fewer where a hint says so.</summary>
    /// <param name="plan">The layer.</param>
    public int MostPixels(IntegerConvolutionPlan plan) => Math.Min(plan.Hints.TilePixels(set) ?? int.MaxValue, RegisterPixels(plan));

    /// <summary>The most pixels whose sums stay in registers.</summary>
    /// <param name="plan">The layer.</param>
    public int RegisterPixels(IntegerConvolutionPlan plan) =>
        Vectors.Lanes switch
        {
            16 when VectorsTogether(plan) > 1 => IsChunked(plan) ? 6 : 8,
            16 => 14,
            8 when IsChunked(plan) => 3,
            8 => IsDot ? 6 : 4,
            _ => 2,
        };

    /// <summary>The vectors of sixteen outputs whose sums are computed together.</summary>
    /// <param name="plan">The layer.</param>
    public int VectorsTogether(IntegerConvolutionPlan plan) => Vectors.Lanes == 16 && plan.Vectors % 2 == 0 ? 2 : 1;

    /// <summary>
    /// True where 16-bit sums become 32-bit sums several times, since these would not hold all products: then both are alive together.
    /// </summary>
    /// <param name="plan">The layer.</param>
    public bool IsChunked(IntegerConvolutionPlan plan) =>
        IsShort && (plan.Window.Kernel.Height > 1 || plan.Stretches > 1 || (!plan.IsJoined && plan.Window.Kernel.Width > 1));

    /// <summary>
    /// The fewest pixels that take no longer than their products, for so many vectors of sixteen outputs: a processor with AVX-VNNI adds to
    /// eight vectors of sums (AMD) or ten (Intel) before the first of them is there again. The other modes add in one cycle.
    /// </summary>
    public int LeastPixels(int vectors) => IsDot ? 10 / (vectors * Parts) : 1;

    private static bool IsDotMode(ProductMode mode) => mode is ProductMode.Dot or ProductMode.MixedDot;

    /// <summary>The declarations of a vector of weights: what is multiplied by the first and by the last two bytes of a quad.</summary>
    public IEnumerable<string> Weights(string name, string address)
    {
        var bits = Vectors.Lanes * 32;
        if (mode != ProductMode.Wide)
        {
            yield return Invariant($"Simd::Vector{bits}<sbyte> {name} = *(Simd::Vector{bits}<sbyte>*)({address});");
            yield break;
        }

        if (Vectors.Lanes == 4)
        {
            yield return Invariant($"Simd::Vector128<int> {name} = *(Simd::Vector128<int>*)({address});");
            for (var index = 0; index < 4; index++)
                yield return Invariant($"Simd::Vector128<int> {name}{s_suffixes[index]} = ")
                    + (
                        index == 3
                            ? $"Simd::Vector128.ShiftRightArithmetic({name}, 24);"
                            : Invariant($"Simd::Vector128.ShiftRightArithmetic(Simd::Vector128.ShiftLeft({name}, {24 - (8 * index)}), 24);")
                    );
            yield break;
        }

        // The second and third byte of each quad change places: then the low bytes of 16 bits are the first two, the high ones the
        // last two.
        var simd = Vectors.Lanes == 16 ? "X86::Avx512BW" : "X86::Avx2";
        yield return Invariant(
            $"Simd::Vector{bits}<short> {name} = Simd::Vector{bits}.AsInt16("
                + $"{simd}.Shuffle(*(Simd::Vector{bits}<byte>*)({address}), order));"
        );
        yield return Invariant($"Simd::Vector{bits}<short> {name}a = ")
            + $"{simd}.ShiftRightArithmetic({simd}.ShiftLeftLogical({name}, 8), 8);";
        yield return Invariant($"Simd::Vector{bits}<short> {name}b = {simd}.ShiftRightArithmetic({name}, 8);");
    }

    /// <summary>The locals that hold constants.</summary>
    public IEnumerable<string> Constants()
    {
        var bits = Vectors.Lanes * 32;
        if (mode is ProductMode.Narrow or ProductMode.Short)
            yield return Invariant($"Simd::Vector{bits}<short> ones = Simd::Vector{bits}.Create((short)1);");
        if (mode != ProductMode.Wide || Vectors.Lanes == 4)
            yield break;
        yield return "Simd::Vector128<byte> quads = Simd::Vector128.Create((byte)0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);";
        yield return Vectors.Lanes == 8
            ? "Simd::Vector256<byte> order = Simd::Vector256.Create(quads, quads);"
            : "Simd::Vector512<byte> order = Simd::Vector512.Create("
                + "Simd::Vector256.Create(quads, quads), Simd::Vector256.Create(quads, quads));";
    }

    /// <summary>The declarations of a quad of a pixel, in all lanes.</summary>
    public IEnumerable<string> Pixel(string name, string pointer, int distance)
    {
        var bits = Vectors.Lanes * 32;
        string At(int bytes) => Invariant($"*(int*)({pointer}{(bytes == 0 ? "" : Invariant($" + {bytes}"))})");
        if (mode != ProductMode.Wide)
        {
            yield return Invariant(
                $"Simd::Vector{bits}<byte> {name} = Simd::Vector{bits}.AsByte(Simd::Vector{bits}.Create({At(distance)}));"
            );
        }
        else if (Vectors.Lanes == 4)
        {
            for (var index = 0; index < 4; index++)
                yield return Invariant(
                    $"Simd::Vector128<int> {name}{s_suffixes[index]} = "
                        + $"Simd::Vector128.Create((int)*(short*)({pointer} + {distance + (2 * index)}));"
                );
        }
        else
        {
            yield return Invariant(
                $"Simd::Vector{bits}<short> {name}a = Simd::Vector{bits}.AsInt16(Simd::Vector{bits}.Create({At(distance)}));"
            );
            yield return Invariant(
                $"Simd::Vector{bits}<short> {name}b = Simd::Vector{bits}.AsInt16(Simd::Vector{bits}.Create({At(distance + 4)}));"
            );
        }
    }

    /// <summary>The statements that add the products of a quad to sums.</summary>
    public IEnumerable<string> Add(string sum, string pixel, string weight)
    {
        var integer = Pairs;
        if (IsDot)
        {
            yield return $"{sum} = X86::AvxVnni.MultiplyWideningAndAdd({sum}, {pixel}, {weight});";
        }
        else if (mode == ProductMode.Short)
        {
            yield return $"{sum} = {integer}.Add({sum}, {integer}.MultiplyAddAdjacent({pixel}, {weight}));";
        }
        else if (mode == ProductMode.Narrow)
        {
            var pairs = $"{integer}.MultiplyAddAdjacent({integer}.MultiplyAddAdjacent({pixel}, {weight}), ones)";
            yield return $"{sum} = {Vectors.AddIntegers(sum, pairs)};";
        }
        else if (Vectors.Lanes == 4)
        {
            yield return $"{sum} += {pixel}a * {weight}a + {pixel}b * {weight}b + {pixel}c * {weight}c + {pixel}d * {weight}d;";
        }
        else
        {
            foreach (var half in new[] { "a", "b" })
                yield return $"{sum} = {Vectors.AddIntegers(sum, $"{integer}.MultiplyAddAdjacent({pixel}{half}, {weight}{half})")};";
        }
    }

    /// <summary>The statement that adds 16-bit sums, two to a lane, to 32-bit sums.</summary>
    public string Widen(string sum, string shorts) =>
        $"{sum} = {Vectors.AddIntegers(sum, $"{Pairs}.MultiplyAddAdjacent({shorts}, ones)")};";
}
