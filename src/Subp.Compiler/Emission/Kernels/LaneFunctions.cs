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

    /// <summary>All lanes of a vector combined into one number, which all lanes of the result have.</summary>
    public static string Across(VectorDialect vectors, string name, string step) =>
        $$"""
            /// <summary>All lanes combined, in all lanes.</summary>
            private static {{vectors.Type}} {{name}}({{vectors.Type}} x)
            {
                float* lanes = (float*)&x;
                float result = lanes[0];
                for (int lane = 1; lane < {{vectors.Lanes}}; lane++)
                    result = {{step}};
                return {{vectors.Constant("result")}};
            }

            """;
}
