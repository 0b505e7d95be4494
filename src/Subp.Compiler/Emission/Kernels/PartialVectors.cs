using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The text of reading and writing the first lanes of a vector. AVX has instructions that leave out the other lanes; a vector of 512 bits is
/// two of them, since its own came to .NET later than the versions that emitted code runs on.
/// </summary>
internal static class PartialVectors
{
    /// <summary>The function that reads.</summary>
    public static string Load(VectorDialect vectors) =>
        $$"""
            /// <summary>The first <paramref name="count"/> floats from memory, zeros in the other lanes.</summary>
            {{VectorMathematics.Inlined}}
            private static {{vectors.Type}} LoadFirst(float* source, int count)
            {
            {{(
                vectors.Lanes switch
                {
                    16 => $"""
                            Simd::Vector256<int> lower = {Mask("count")};
                            Simd::Vector256<int> upper = {Mask("count - 8")};
                            return Simd::Vector512.Create(
                                X86::Avx.MaskLoad(source, Simd::Vector256.AsSingle(lower)), X86::Avx.MaskLoad(source + 8, Simd::Vector256.AsSingle(upper)));
                        """,
                    8 => $"""    return X86::Avx.MaskLoad(source, Simd::Vector256.AsSingle({Mask("count")}));""",
                    _ => """
                            Simd::Vector128<float> vector = default;
                            for (int lane = 0; lane < count; lane++)
                                ((float*)&vector)[lane] = source[lane];
                            return vector;
                        """,
                }
            )}}
            }

            """;

    /// <summary>The function that writes.</summary>
    public static string Store(VectorDialect vectors) =>
        $$"""
            /// <summary>Writes the first <paramref name="count"/> lanes to memory.</summary>
            {{VectorMathematics.Inlined}}
            private static void StoreFirst(float* target, {{vectors.Type}} vector, int count)
            {
            {{(
                vectors.Lanes switch
                {
                    16 => $"""
                            Simd::Vector256<int> lower = {Mask("count")};
                            Simd::Vector256<int> upper = {Mask("count - 8")};
                            X86::Avx.MaskStore(target, Simd::Vector256.AsSingle(lower), Simd::Vector512.GetLower(vector));
                            X86::Avx.MaskStore(target + 8, Simd::Vector256.AsSingle(upper), Simd::Vector512.GetUpper(vector));
                        """,
                    8 => $"""    X86::Avx.MaskStore(target, Simd::Vector256.AsSingle({Mask("count")}), vector);""",
                    _ => """
                            for (int lane = 0; lane < count; lane++)
                                target[lane] = ((float*)&vector)[lane];
                        """,
                }
            )}}
            }

            """;

    /// <summary>The function that replaces the lanes that are not there.</summary>
    public static string Keep(VectorDialect vectors)
    {
        var simd = VectorMathematics.Simd(vectors);
        return $$"""
            /// <summary>The first <paramref name="count"/> lanes of a vector, another value in the others.</summary>
            {{VectorMathematics.Inlined}}
            private static {{vectors.Type}} KeepFirst({{vectors.Type}} vector, int count, {{vectors.Type}} others) =>
                {{simd}}.ConditionalSelect(
                    {{simd}}.AsSingle({{simd}}.LessThan({{simd}}<int>.Indices, {{simd}}.Create(count))), vector, others);

            """;
    }

    // All bits of the lanes below a number.
    private static string Mask(string count) =>
        Invariant($"Simd::Vector256.LessThan(Simd::Vector256<int>.Indices, Simd::Vector256.Create({count}))");
}
