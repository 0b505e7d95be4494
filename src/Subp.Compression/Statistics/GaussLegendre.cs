namespace Subp.Compression.Statistics;

/// <summary>The nodes and weights of Gauss-Legendre quadrature on [-1, 1], found by Newton's method on the Legendre polynomial.</summary>
internal static class GaussLegendre
{
    public static (double Node, double Weight)[] Rule(int count)
    {
        var rule = new (double, double)[count];
        for (var index = 0; index < count; index++)
        {
            var node = Math.Cos(Math.PI * (index + 0.75) / (count + 0.5));
            double slope = 0;
            for (var step = 0; step < 100; step++)
            {
                var (value, derivative) = Legendre(count, node);
                slope = derivative;
                var change = value / derivative;
                node -= change;
                if (Math.Abs(change) < 1e-15)
                    break;
            }

            rule[index] = (node, 2 / ((1 - (node * node)) * slope * slope));
        }

        return rule;
    }

    private static (double Value, double Derivative) Legendre(int degree, double x)
    {
        double previous = 1,
            value = x;
        for (var n = 2; n <= degree; n++)
            (previous, value) = (value, ((((2 * n) - 1) * x * value) - ((n - 1) * previous)) / n);
        return (value, degree * ((x * value) - previous) / ((x * x) - 1));
    }
}
