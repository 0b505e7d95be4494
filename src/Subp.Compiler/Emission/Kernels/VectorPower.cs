namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The text of powers. Weights are not known when code is written, so the exponents that networks have are found when it runs: a square is a
/// product. All others are computed lane by lane with the function of the base library, which knows every special case.
/// </summary>
internal static class VectorPower
{
    /// <summary>x to the power of y.</summary>
    public static string Power(VectorDialect vectors)
    {
        var (type, simd) = (vectors.Type, VectorMathematics.Simd(vectors));
        return $$"""
            /// <summary>x to the power of y; squares, the exponent of nearly all networks, are products.</summary>
            private static {{type}} Power({{type}} x, {{type}} y)
            {
                if ({{simd}}.EqualsAll(y, {{simd}}.Create(2f)))
                    return x * x;
                for (int lane = 0; lane < {{vectors.Lanes}}; lane++)
                    ((float*)&x)[lane] = System::MathF.Pow(((float*)&x)[lane], ((float*)&y)[lane]);
                return x;
            }

            """;
    }
}
