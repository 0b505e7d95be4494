namespace Subp.Compiler.Emission.Kernels;

/// <summary>
/// The text of element-wise functions of one vector in single precision. Each follows its function to a few units of the last place of its
/// result, or of 1 where the result is the difference of numbers near 1; infinities and NaN come out as the definition says.
/// </summary>
internal static class VectorMathematics
{
    /// <summary>The attribute of functions that become part of their callers.</summary>
    public const string Inlined = "[Runtime::MethodImpl(Runtime::MethodImplOptions.AggressiveInlining)]";

    // Below it e^x rounds to 0, denormal numbers included.
    private const string LeastExponent = "-104f";

    private const string Scaled = "return X86::Avx512F.Scale(e, n);";

    /// <summary>
    /// The polynomial of degree 6 with the least relative error among those that begin with 1 + r: 3e-9 at |r| &lt;= 0.347, far below half a
    /// unit of the last place; the rest of the error is rounding. Results below the range of normal floats are right, too: AVX-512 has an
    /// instruction that scales by a power of two, elsewhere the power is applied in two steps.
    /// </summary>
    public static string Exp(VectorDialect v) =>
        HasScale(v)
            ? Exp(v, "Exp", "e^x", LeastExponent, "12582912f", Scaled)
            : Exp(
                v,
                "Exp",
                "e^x",
                LeastExponent,
                // The sum's lowest bits count from here: twice the bias of the exponent of a float, which the two steps halve.
                "12583166f",
                $$"""
                // 2^n as the product of two powers. The lowest bits of the sum are n + 254; of their halves each is the exponent of one
                // power + 127, which moves to its place. A NaN arrives through e.
                {{Simd(v)}}<int> bits = {{Simd(v)}}.AsInt32(shifted);
                {{Simd(v)}}<int> half = bits >> 1;
                return e * {{Simd(v)}}.AsSingle(half << 23) * {{Simd(v)}}.AsSingle((bits - half) << 23);
                """
            );

    /// <summary>
    /// The same for sums with numbers near 1, where results below the range of normal floats do not matter: they are 0, and those from
    /// 2^127.5 on infinite. One power is then enough. The instruction of AVX-512 would take hundreds of cycles for each vector with such a
    /// result, and the end of every row of a softmax has lanes of e^-infinity.
    /// </summary>
    public static string ExpOfSums(VectorDialect v) =>
        Exp(
            v,
            "ExpOfSums",
            "e^x; 0 where that is below the normal numbers, and infinite from 2^127.5 on",
            "-88f",
            "12583039f",
            $$"""
            // The lowest bits of the sum are n + 127, the exponent of 2^n, which moves to its place; 0 and 255 are zero and infinity.
            return e * {{Simd(v)}}.AsSingle({{Simd(v)}}.AsInt32(shifted) << 23);
            """
        );

    private static bool HasScale(VectorDialect v) => v is { Set: InstructionSet.Avx512, Lanes: 16 };

    private static string Exp(VectorDialect v, string name, string meaning, string least, string shift, string power)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>{{meaning}}.</summary>
            {{Inlined}}
            private static {{type}} {{name}}({{type}} x)
            {
                // Cut where the result is infinite or zero in any case.
                {{type}} t = {{v.Min(v.Constant("89f"), v.Max(v.Constant(least), "x"))}};
                // e^t = 2^n e^r with n = round(t / ln 2) and r = t - n ln 2, so |r| <= 0.347. ln 2 is the sum of a number of ten bits,
                // whose product with n is exact, and a small rest. Adding and taking away a number from 1.5 * 2^23 on rounds.
                {{type}} shifted = {{simd}}.MultiplyAddEstimate(t, {{simd}}.Create(1.44269504f), {{simd}}.Create({{shift}}));
                {{type}} n = shifted - {{simd}}.Create({{shift}});
                {{type}} r = {{simd}}.MultiplyAddEstimate(n, {{simd}}.Create(-0.693359375f), t);
                r = {{simd}}.MultiplyAddEstimate(n, {{simd}}.Create(2.12194440e-4f), r);
                // e^r by a polynomial whose relative error is below 4e-9.
                {{type}} e = {{simd}}.MultiplyAddEstimate(r, {{simd}}.Create(0.00138146023f), {{simd}}.Create(0.00836871564f));
                e = {{simd}}.MultiplyAddEstimate(r, e, {{simd}}.Create(0.041668389f));
                e = {{simd}}.MultiplyAddEstimate(r, e, {{simd}}.Create(0.166665211f));
                e = {{simd}}.MultiplyAddEstimate(r, e, {{simd}}.Create(0.49999994f));
                e = {{simd}}.MultiplyAddEstimate(r, e, {{simd}}.Create(1f));
                e = {{simd}}.MultiplyAddEstimate(r, e, {{simd}}.Create(1f));
                {{power.Replace("\n", "\n    ")}}
            }

            """;
    }

    /// <summary>1 / (1 + e^-x).</summary>
    public static string Sigmoid(VectorDialect v) =>
        Method(v, "Sigmoid", "", "1 / (1 + e^-x)", One(v) + " / (" + One(v) + " + ExpOfSums(-x))");

    /// <summary>x / (1 + e^-x).</summary>
    public static string Silu(VectorDialect v) => Method(v, "Silu", "", "x / (1 + e^-x)", "x / (" + One(v) + " + ExpOfSums(-x))");

    /// <summary>Near 0 the quotient would cancel; seven terms of the series leave less than 1e-9 below 0.35.</summary>
    public static string Tanh(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>The hyperbolic tangent.</summary>
            {{Inlined}}
            private static {{type}} Tanh({{type}} x)
            {
                {{type}} magnitude = {{simd}}.Abs(x);
                {{type}} e = ExpOfSums(magnitude * {{simd}}.Create(-2f));
                {{type}} far = {{simd}}.CopySign(({{One(v)}} - e) / ({{One(v)}} + e), x);
                // Near 0 the series x - x^3 / 3 + 2 x^5 / 15 - ..., since 1 - e would cancel.
                {{type}} square = x * x;
                {{type}} near = {{Horner(
                v,
                "square",
                "0.003592128f",
                "-0.008863236f",
                "0.021869489f",
                "-0.053968254f",
                "0.13333333f",
                "-0.33333333f"
            )}};
                near = {{simd}}.MultiplyAddEstimate(x * square, near, x);
                return {{simd}}.ConditionalSelect({{simd}}.LessThan(magnitude, {{simd}}.Create(0.35f)), near, far);
            }

            """;
    }

    /// <summary>Near 0 the difference would cancel; the series is used there.</summary>
    public static string ExpMinusOne(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>e^x - 1.</summary>
            {{Inlined}}
            private static {{type}} ExpMinusOne({{type}} x)
            {
                // Near 0 the series x + x^2 / 2! + ... + x^8 / 8!, since the difference would cancel.
                {{type}} near = {{Horner(
                v,
                "x",
                "1f / 40320f",
                "1f / 5040f",
                "1f / 720f",
                "1f / 120f",
                "1f / 24f",
                "1f / 6f",
                "0.5f",
                "1f"
            )}} * x;
                return {{simd}}.ConditionalSelect({{simd}}.LessThan({{simd}}.Abs(x), {{simd}}.Create(0.35f)), near, Exp(x) - {{One(v)}});
            }

            """;
    }

    /// <summary>x where x &gt; 0, else alpha * (e^x - 1).</summary>
    public static string Elu(VectorDialect v) =>
        Method(v, "Elu", "alpha", "x where x > 0, else alpha * (e^x - 1)", Select(v, Positive(v), "x", "alpha * ExpMinusOne(x)"));

    /// <summary>x where x &gt; 0, else alpha * (e^(x / alpha) - 1).</summary>
    public static string Celu(VectorDialect v) =>
        Method(
            v,
            "Celu",
            "alpha",
            "x where x > 0, else alpha * (e^(x / alpha) - 1)",
            Select(v, Positive(v), "x", "alpha * ExpMinusOne(x / alpha)")
        );

    /// <summary>beta * x where x &gt; 0, else beta * alpha * (e^x - 1).</summary>
    public static string Selu(VectorDialect v) =>
        Method(
            v,
            "Selu",
            "alpha, beta",
            "beta * x where x > 0, else beta * alpha * (e^x - 1)",
            "beta * " + Select(v, Positive(v), "x", "alpha * ExpMinusOne(x)")
        );

    /// <summary>x where x &gt;= 0, else alpha * x.</summary>
    public static string LeakyRelu(VectorDialect v) =>
        Method(v, "LeakyRelu", "alpha", "x where x >= 0, else alpha * x", Select(v, Less(v, "x", v.Zero), "alpha * x", "x"));

    /// <summary>x where x &gt; alpha, else 0.</summary>
    public static string ThresholdedRelu(VectorDialect v) =>
        Method(v, "ThresholdedRelu", "alpha", "x where x > alpha, else 0", Select(v, $"{Simd(v)}.LessThanOrEqual(x, alpha)", v.Zero, "x"));

    /// <summary>x + beta where x &lt; -alpha, x - beta where x &gt; alpha, else 0.</summary>
    public static string Shrink(VectorDialect v) =>
        Method(
            v,
            "Shrink",
            "alpha, beta",
            "x + beta where x < -alpha, x - beta where x > alpha, else 0",
            Select(v, Less(v, "x", "-alpha"), "x + beta", Select(v, Less(v, "alpha", "x"), "x - beta", v.Zero))
        );

    /// <summary>max(x, 0) + ln(1 + e^-|x|).</summary>
    public static string Softplus(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>ln(1 + e^x).</summary>
            {{Inlined}}
            private static {{type}} Softplus({{type}} x)
            {
                {{type}} e = ExpOfSums(-{{simd}}.Abs(x));
                // Where 1 + e rounds to nearly 1, two terms of the series of the logarithm are exact enough.
                {{type}} logarithm = {{simd}}.ConditionalSelect(
                    {{simd}}.LessThan(e, {{simd}}.Create(1f / 4096f)), e - e * e * {{simd}}.Create(0.5f), {{simd}}.Log({{One(v)}} + e));
                return {{v.Max(v.Zero, "x")}} + logarithm;
            }

            """;
    }

    /// <summary>x / (1 + |x|).</summary>
    public static string Softsign(VectorDialect v) => Method(v, "Softsign", "", "x / (1 + |x|)", $"x / ({One(v)} + {Simd(v)}.Abs(x))");

    /// <summary>tanh(ln(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2), which is 1 from 20 on.</summary>
    public static string Mish(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>x * tanh(ln(1 + e^x)).</summary>
            {{Inlined}}
            private static {{type}} Mish({{type}} x)
            {
                // tanh(ln(1 + e)) = (e^2 + 2 e) / (e^2 + 2 e + 2), which is 1 from e^20 on.
                {{type}} e = Exp({{v.Min(v.Constant("20f"), "x")}});
                {{type}} part = e * (e + {{simd}}.Create(2f));
                return x * (part / (part + {{simd}}.Create(2f)));
            }

            """;
    }

    /// <summary>
    /// The quotient of two polynomials of x^2 with the least relative error up to 3.95, which is 2.1e-8; all coefficients are positive, so
    /// that nothing cancels. Beyond 3.92 the result rounds to 1.
    /// </summary>
    public static string Erf(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>The error function.</summary>
            {{Inlined}}
            private static {{type}} Erf({{type}} x)
            {
                // x times a quotient of polynomials of x^2, whose relative error is below 3e-8 up to 3.95.
                {{type}} square = x * x;
                {{type}} above = {{Horner(
                v,
                "square",
                "2.025914e-06f",
                "0.00028468814f",
                "0.00380816008f",
                "0.0528754406f",
                "0.19155021f",
                "1.12837911f"
            )}};
                {{type}} below = {{Horner(
                v,
                "square",
                "3.78318837e-05f",
                "0.00117072638f",
                "0.0150550855f",
                "0.114559591f",
                "0.503089607f",
                "1f"
            )}};
                // From 3.92 on it rounds to 1. A NaN is not beyond anything and arrives through the quotient.
                return {{simd}}.ConditionalSelect(
                    {{simd}}.GreaterThan({{simd}}.Abs(x), {{simd}}.Create(3.92f)), {{simd}}.CopySign({{One(v)}}, x), x * above / below);
            }

            """;
    }

    /// <summary>x * (1 + erf(x / sqrt(2))) / 2.</summary>
    public static string Gelu(VectorDialect v)
    {
        var (type, simd) = (v.Type, Simd(v));
        return $$"""
            /// <summary>x * (1 + erf(x / sqrt(2))) / 2.</summary>
            {{Inlined}}
            private static {{type}} Gelu({{type}} x)
            {
                {{type}} half = x * {{simd}}.Create(0.5f);
                return {{simd}}.MultiplyAddEstimate(half, Erf(x * {{simd}}.Create(0.70710678f)), half);
            }

            """;
    }

    /// <summary>x * (1 + tanh(u)) / 2 = x * sigmoid(2 u) with u = sqrt(2 / pi) * (x + 0.044715 x^3).</summary>
    public static string GeluTanh(VectorDialect v) =>
        Method(
            v,
            "GeluTanh",
            "",
            "x * (1 + tanh(u)) / 2 with u = sqrt(2 / pi) * (x + 0.044715 x^3)",
            $"x * Sigmoid({v.Constant("1.5957691f")} * x * ({One(v)} + {v.Constant("0.044715f")} * x * x))"
        );

    /// <summary>1 / x.</summary>
    public static string Reciprocal(VectorDialect v) => Method(v, "Reciprocal", "", "1 / x", One(v) + " / x");

    /// <summary>-x.</summary>
    public static string Neg(VectorDialect v) => Method(v, "Neg", "", "-x", "-x");

    /// <summary>-1, 0 or 1; NaN stays NaN.</summary>
    public static string Sign(VectorDialect v) =>
        Method(v, "Sign", "", "-1, 0 or 1", Select(v, Positive(v), One(v), Select(v, Less(v, "x", v.Zero), v.Constant("-1f"), "x")));

    /// <summary>1 where x is 0, else 0.</summary>
    public static string Not(VectorDialect v) =>
        Method(v, "Not", "", "1 where x is 0, else 0", Select(v, $"{Simd(v)}.Equals(x, {v.Zero})", One(v), v.Zero));

    /// <summary>1 where x is no number, else 0.</summary>
    public static string IsNaN(VectorDialect v) =>
        Method(v, "IsNaN", "", "1 where x is not a number, else 0", Select(v, $"{Simd(v)}.Equals(x, x)", v.Zero, One(v)));

    /// <summary>A function that the base library has for vectors.</summary>
    public static string Library(VectorDialect v, string name, string function, string meaning) =>
        Method(v, name, "", meaning, $"{Simd(v)}.{function}(x)");

    /// <summary>The class of functions of a vector length, <c>Simd::Vector256</c>.</summary>
    public static string Simd(VectorDialect v) => v.Type.Substring(0, v.Type.IndexOf('<'));

    /// <summary>1 in all lanes.</summary>
    public static string One(VectorDialect v) => v.Constant("1f");

    /// <summary>One value where a condition holds, else another.</summary>
    public static string Select(VectorDialect v, string condition, string yes, string no) =>
        $"{Simd(v)}.ConditionalSelect({condition}, {yes}, {no})";

    /// <summary>Where one vector is below another.</summary>
    public static string Less(VectorDialect v, string left, string right) => $"{Simd(v)}.LessThan({left}, {right})";

    private static string Positive(VectorDialect v) => Less(v, v.Zero, "x");

    private static string Method(VectorDialect v, string name, string numbers, string meaning, string result)
    {
        var parameters = string.Concat(
            numbers.Split(',').Where(number => number.Length > 0).Select(number => $", {v.Type} {number.Trim()}")
        );
        return $$"""
            /// <summary>{{Runtime.CSharpText.Documentation(meaning)}}.</summary>
            {{Inlined}}
            private static {{v.Type}} {{name}}({{v.Type}} x{{parameters}}) =>
                {{result}};

            """;
    }

    // (((first * x + second) * x + third) * x ...), the highest power first.
    private static string Horner(VectorDialect v, string x, params string[] coefficients)
    {
        var text = v.Constant(coefficients[0]);
        for (var index = 1; index < coefficients.Length; index++)
            text = $"{Simd(v)}.MultiplyAddEstimate({text}, {x}, {v.Constant(coefficients[index])})";
        return text;
    }
}
