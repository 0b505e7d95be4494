using Subp.Tooling.Verification;

namespace Subp.Tooling.Tests.Verification;

public sealed class ErrorFiguresTests
{
    [Fact]
    public void Differences_are_relative_to_the_largest_number_of_the_reference()
    {
        var figures = ErrorFigures.Between([1, -4.5f, 0.25f], [1, -4, 0.5f]);
        Assert.Equal(0.5, figures.Absolute);
        Assert.Equal(0.125, figures.Relative);
        Assert.Equal(1, figures.Worst);
        Assert.Equal((1 + 18 + 0.125) / Math.Sqrt((1 + 20.25 + 0.0625) * (1 + 16 + 0.25)), figures.Cosine, 12);
    }

    [Theory]
    [InlineData(1f, 1f, 0)]
    [InlineData(0f, -0f, 0)]
    [InlineData(float.Epsilon, -float.Epsilon, 2)]
    [InlineData(1f, 2f, 1 << 23)]
    public void Ulps_count_the_floats_between(float found, float expected, double ulps) =>
        Assert.Equal(ulps, ErrorFigures.Between([found], [expected]).Ulps);

    [Theory]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.NaN)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void What_is_not_finite_is_infinitely_far(float found, float expected)
    {
        var figures = ErrorFigures.Between([0, found], [0, expected]);
        Assert.Equal(double.PositiveInfinity, figures.Relative);
        Assert.Equal(double.PositiveInfinity, figures.Ulps);
        Assert.Equal(1, figures.Worst);
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    public void What_is_the_same_on_both_sides_and_not_finite_hides_no_other_difference(float same)
    {
        var figures = ErrorFigures.Between([same, 2, 4], [same, 1, 4]);
        Assert.Equal(0.25, figures.Relative);
        Assert.Equal(1, figures.Worst);
        Assert.Equal((2 + 16) / Math.Sqrt(20 * 17.0), figures.Cosine, 12);
        Assert.Equal(ErrorFigures.None, ErrorFigures.Between([same], [same]));
    }

    [Fact]
    public void Zeros_agree_with_zeros() => Assert.Equal(ErrorFigures.None, ErrorFigures.Between([0, 0], [0, 0]));

    [Fact]
    public void The_worse_of_each_figure_is_kept()
    {
        var small = ErrorFigures.Between([100, 1.0f], [100, 0]);
        var large = ErrorFigures.Between([0.5f, 0], [1, 0]);
        var both = small.Or(large);
        Assert.Equal(1, both.Absolute);
        Assert.Equal(0.5, both.Relative);
        Assert.Equal(0, both.Worst);
    }
}
