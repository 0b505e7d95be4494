using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Kernels;

/// <summary>The text of functions that are computed lane by lane, by functions of the base library.</summary>
internal static class LaneFunctions
{
    /// <summary>A function of one vector.</summary>
    public static string Unary(VectorDialect vectors, string name) =>
        $$"""
            /// <summary>{{name.ToLowerInvariant()}}(x), lane by lane.</summary>
            private static {{vectors.Type}} {{name}}({{vectors.Type}} x)
            {
                for (int lane = 0; lane < {{vectors.Lanes}}; lane++)
                    ((float*)&x)[lane] = System::MathF.{{name}}(((float*)&x)[lane]);
                return x;
            }

            """;

    /// <summary>A function of two vectors.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="name">The name.</param>
    /// <param name="formula">The result of two lanes, <c>x</c> and <c>y</c>, as an expression.</param>
    /// <param name="meaning">The result in words.</param>
    public static string Binary(VectorDialect vectors, string name, string formula, string meaning) =>
        $$"""
            /// <summary>{{meaning}}, lane by lane.</summary>
            private static {{vectors.Type}} {{name}}({{vectors.Type}} left, {{vectors.Type}} right)
            {
                for (int lane = 0; lane < {{vectors.Lanes}}; lane++)
                {
                    float x = ((float*)&left)[lane], y = ((float*)&right)[lane];
                    ((float*)&left)[lane] = {{formula}};
                }

                return left;
            }

            """;

    /// <summary>All lanes of a vector combined into one number, which all lanes of the result have: halves with halves.</summary>
    /// <param name="vectors">The vectors.</param>
    /// <param name="name">The name.</param>
    /// <param name="combine">Two shorter vectors combined, from the class of functions of their length; both are named, not computed.</param>
    public static string Across(VectorDialect vectors, string name, Func<string, string, string, string> combine)
    {
        var lines = new List<string>();
        var (value, simd) = ("x", VectorMathematics.Simd(vectors));
        for (var lanes = vectors.Lanes / 2; lanes >= 4; lanes /= 2)
        {
            var half = Invariant($"Simd::Vector{lanes * 32}");
            lines.Add(Invariant($"{half}<float> lower{lanes} = {simd}.GetLower({value});"));
            lines.Add(Invariant($"{half}<float> upper{lanes} = {simd}.GetUpper({value});"));
            lines.Add(Invariant($"{half}<float> of{lanes} = {combine(half, $"lower{lanes}", $"upper{lanes}")};"));
            (value, simd) = (Invariant($"of{lanes}"), half);
        }

        return $$"""
            /// <summary>All lanes combined, in all lanes.</summary>
            {{VectorMathematics.Inlined}}
            private static {{vectors.Type}} {{name}}({{vectors.Type}} x)
            {
                {{string.Join("\n    ", lines)}}
                Simd::Vector128<float> swapped = Simd::Vector128.Shuffle({{value}}, Simd::Vector128.Create(2, 3, 0, 1));
                Simd::Vector128<float> pairs = {{combine("Simd::Vector128", value, "swapped")}};
                swapped = Simd::Vector128.Shuffle(pairs, Simd::Vector128.Create(1, 0, 3, 2));
                return {{vectors.Constant($"Simd::Vector128.ToScalar({combine("Simd::Vector128", "pairs", "swapped")})")}};
            }

            """;
    }
}
