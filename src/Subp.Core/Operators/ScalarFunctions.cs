namespace Subp.Core.Operators;

/// <summary>The element-wise functions of <see cref="ActivationKind"/> in double precision.</summary>
internal static class ScalarFunctions
{
    public static double Apply(Activation activation, double x)
    {
        double alpha = activation.Alpha;
        double beta = activation.Beta;
        return activation.Kind switch
        {
            ActivationKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
            ActivationKind.HardSigmoid => Math.Min(Math.Max((alpha * x) + beta, 0), 1),
            ActivationKind.HardSwish => x * Math.Min(Math.Max(x + 3, 0), 6) / 6,
            ActivationKind.Silu => x / (1 + Math.Exp(-x)),
            ActivationKind.Tanh => Math.Tanh(x),
            ActivationKind.Elu => x > 0 ? x : alpha * (Math.Exp(x) - 1),
            ActivationKind.Celu => x > 0 ? x : alpha * (Math.Exp(x / alpha) - 1),
            ActivationKind.Selu => x > 0 ? beta * x : beta * alpha * (Math.Exp(x) - 1),
            ActivationKind.LeakyRelu => x < 0 ? alpha * x : x,
            // A NaN is below every threshold for the one comparison and above it for the other; it must come out as it went in.
            ActivationKind.ThresholdedRelu => x <= alpha ? 0 : x,
            ActivationKind.Shrink => Shrink(x, alpha, beta),
            ActivationKind.Softplus => Softplus(x),
            ActivationKind.Softsign => x / (1 + Math.Abs(x)),
            ActivationKind.Mish => x * Math.Tanh(Softplus(x)),
            ActivationKind.Gelu => x * (1 + Erf(x / Math.Sqrt(2))) / 2,
            ActivationKind.GeluTanh => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) / 2,
            ActivationKind.Erf => Erf(x),
            ActivationKind.Exp => Math.Exp(x),
            ActivationKind.Log => Math.Log(x),
            ActivationKind.Sqrt => Math.Sqrt(x),
            ActivationKind.Reciprocal => 1 / x,
            ActivationKind.Abs => Math.Abs(x),
            ActivationKind.Neg => -x,
            ActivationKind.Floor => Math.Floor(x),
            ActivationKind.Ceil => Math.Ceiling(x),
            ActivationKind.Round => Math.Round(x, MidpointRounding.ToEven),
            ActivationKind.Truncate => Math.Truncate(x),
            ActivationKind.Sign => x > 0 ? 1
            : x < 0 ? -1
            : x,
            ActivationKind.Not => x == 0 ? 1 : 0,
            ActivationKind.IsNaN => double.IsNaN(x) ? 1 : 0,
            ActivationKind.Sin => Math.Sin(x),
            ActivationKind.Cos => Math.Cos(x),
            ActivationKind.Tan => Math.Tan(x),
            ActivationKind.Asin => Math.Asin(x),
            ActivationKind.Acos => Math.Acos(x),
            ActivationKind.Atan => Math.Atan(x),
            ActivationKind.Sinh => Math.Sinh(x),
            ActivationKind.Cosh => Math.Cosh(x),
            ActivationKind.Asinh => Asinh(x),
            ActivationKind.Acosh => Math.Log(x + Math.Sqrt((x * x) - 1)),
            ActivationKind.Atanh => Math.Log((1 + x) / (1 - x)) / 2,
            _ => Math.Min(Math.Max(x, activation.Minimum), activation.Maximum),
        };
    }

    private static double Shrink(double x, double alpha, double beta)
    {
        if (x < -alpha)
            return x + beta;
        return x > alpha ? x - beta : 0;
    }

    // ln(1 + e^x) without the overflow of e^x.
    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    // The sum would cancel for negative numbers.
    private static double Asinh(double x)
    {
        var magnitude = Math.Abs(x);
        var result = double.IsPositiveInfinity(magnitude) ? magnitude : Math.Log(magnitude + Math.Sqrt((magnitude * magnitude) + 1));
        return x < 0 ? -result : result;
    }

    /// <summary>
    /// erf(x) = 2 / sqrt(pi) * exp(-x^2) * sum of 2^n * x^(2n+1) / (1 * 3 * ... * (2n+1)) (Abramowitz and Stegun, 7.1.6). All terms have
    /// one
    /// sign, so nothing cancels; beyond 6 the difference to 1 is below the precision.
    /// </summary>
    private static double Erf(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (Math.Abs(x) > 6)
            return Math.Sign(x);
        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
