using Subp.Compression.Algebra;
using Subp.Compression.Statistics;
using Subp.Core.Operators;

namespace Subp.Compression.Tests.Statistics;

public sealed class NormalTests
{
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 0.8413447460685429)]
    [InlineData(-2.5, 0.006209665325776132)]
    [InlineData(3, 0.9986501019683699)]
    [InlineData(-5, 2.866515718791939e-7)]
    public void The_cumulative_distribution_has_the_digits_of_the_tables(double x, double expected) =>
        Assert.Equal(expected, StandardNormal.Cumulative(x), 14);

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(-0.999)]
    public void A_pair_is_below_its_means_as_often_as_the_angle_between_them_says(double correlation) =>
        Assert.Equal(0.25 + (Math.Asin(correlation) / (2 * Math.PI)), StandardNormal.Cumulative(0, 0, correlation), 10);

    [Fact]
    public void The_rectified_normal_has_its_published_moments()
    {
        double[] mean = [0.5, -1, 2],
            deviation = [1, 2, 0.5];
        var moments = mean.Zip(deviation, (m, d) => RectifiedNormal.Clamp(m, d, 0, double.PositiveInfinity)).ToArray();
        NumberAssert.Near([0.697797, 0.395593, 2.000004], [.. moments.Select(pair => pair.Mean)]);
        NumberAssert.Near([0.553441, 0.682063, 0.249985], [.. moments.Select(pair => pair.Variance)]);
    }

    [Fact]
    public void The_clipped_normal_has_its_published_means()
    {
        double[] mean = [0.5, 3, 5],
            deviation = [1, 2, 2];
        NumberAssert.Near([0.697797, 3, 4.608415], [.. mean.Zip(deviation, (m, d) => RectifiedNormal.Clamp(m, d, 0, 6).Mean)]);
    }

    [Fact]
    public void A_channel_of_no_variance_is_a_constant()
    {
        var (mean, variance) = RectifiedNormal.Clamp(0.75, 0, 0, double.PositiveInfinity);
        Assert.Equal(0.75, mean, 9);
        Assert.Equal(0, variance, 9);
        Assert.Equal(0, RectifiedNormal.Clamp(-0.75, 0, 0, double.PositiveInfinity).Mean, 9);
    }

    [Fact]
    public void The_covariance_behind_a_relu_is_exact()
    {
        var after = ActivationMoments.Apply(NumberVectors.ThreeChannels(), Activation.Relu);
        NumberAssert.Near([0.566761, 0.229076, 0.769696], after.Mean);
        NumberAssert.Near(
            [
                [0.466721, 0.140479, -0.139680],
                [0.140479, 0.158537, 0.053674],
                [-0.139680, 0.053674, 0.745032],
            ],
            after.Covariance
        );
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(-0.25, 0.75)]
    [InlineData(double.NegativeInfinity, 0.5)]
    [InlineData(-0.5, double.PositiveInfinity)]
    public void The_covariance_behind_any_clamp_is_that_of_the_plain_integral(double minimum, double maximum)
    {
        var before = NumberVectors.ThreeChannels();
        var after = RectifiedNormal.Clamp(before, minimum, maximum);
        var (means, covariance) = NumberVectors.Integrate(before, 0, 1, value => Math.Min(Math.Max(value, minimum), maximum));
        NumberAssert.Near([means.First, means.Second, covariance], [after.Mean[0], after.Mean[1], after.Covariance[0, 1]], 1e-4);
    }

    [Fact]
    public void The_moments_behind_smooth_and_piecewise_functions_are_those_of_the_plain_integral()
    {
        var before = NumberVectors.ThreeChannels();
        Activation[] functions = [Activation.Sigmoid, Activation.Silu, Activation.HardSwish, Activation.HardSigmoid()];
        foreach (var function in functions)
        {
            var after = ActivationMoments.Apply(before, function);
            var (means, covariance) = NumberVectors.Integrate(before, 0, 1, function.Apply);
            NumberAssert.Near([means.First, covariance], [after.Mean[0], after.Covariance[0, 1]], 1e-4);
        }
    }

    [Fact]
    public void Gauss_legendre_integrates_polynomials_exactly() =>
        Assert.Equal(2.0 / 41, GaussLegendre.Rule(24).Sum(point => point.Weight * Math.Pow(point.Node, 40)), 13);

    [Fact]
    public void A_cholesky_factor_solves_and_inverts()
    {
        var matrix = NumberAssert.Matrix([4, 1, 0.5], [1, 3, -0.25], [0.5, -0.25, 2]);
        var inverse = Cholesky.Factor(matrix).Inverse();
        for (var row = 0; row < 3; row++)
        {
            double[] product = new double[3];
            for (var column = 0; column < 3; column++)
                product[column] = Enumerable.Range(0, 3).Sum(inner => matrix[row, inner] * inverse[inner, column]);
            NumberAssert.Near([.. Enumerable.Range(0, 3).Select(column => column == row ? 1.0 : 0)], product, 1e-12);
        }

        Assert.Throws<ArithmeticException>(() => Cholesky.Factor(NumberAssert.Matrix([1, 2], [2, 1])));
    }

    [Fact]
    public void Many_right_sides_are_solved_as_each_of_them()
    {
        // More columns than one panel has, and not a whole number of panels.
        const int Size = 45,
            Columns = 70;
        var random = new Random(9);
        var root = new Matrix(Size, Size, [.. Enumerable.Range(0, Size * Size).Select(_ => random.NextDouble() - 0.5)]);
        var matrix = new Matrix(Size, Size);
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
                matrix[row, column] = Matrix.Dot(root.Row(row), root.Row(column)) + (row == column ? 1 : 0);
        }

        var right = new Matrix(Size, Columns, [.. Enumerable.Range(0, Size * Columns).Select(_ => random.NextDouble() - 0.5)]);
        var factor = Cholesky.Factor(matrix);
        var together = factor.Solve(right);
        for (var column = 0; column < Columns; column++)
        {
            double[] alone = [.. Enumerable.Range(0, Size).Select(row => right[row, column])];
            factor.Solve(alone);
            NumberAssert.Near(alone, [.. Enumerable.Range(0, Size).Select(row => together[row, column])], 1e-12);
        }
    }
}
