using Subp.Compression.Quantizing;

namespace Subp.Compression.Tests.Quantizing;

public class MeasuredRangeTests
{
    [Fact]
    public void Zero_is_a_byte_of_every_range()
    {
        var positive = new ValueRange(2, 4).ToQuantization();
        Assert.Equal((4f / 255, 0), (positive.Scale, positive.ZeroPoint));
        var negative = new ValueRange(-4, -2).ToQuantization();
        Assert.Equal((4f / 255, 255), (negative.Scale, negative.ZeroPoint));
        var both = new ValueRange(-1, 3).ToQuantization();
        Assert.Equal(64, both.ZeroPoint);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(0, 1e-40)]
    public void A_range_of_nothing_has_the_scale_one(double low, double high) =>
        Assert.Equal(1f, new ValueRange(low, high).ToQuantization().Scale);

    [Fact]
    public void Every_method_finds_the_range_of_evenly_spread_numbers()
    {
        float[] values = [.. Enumerable.Range(0, 20001).Select(index => (index / 10000f) - 1)];
        foreach (var method in Enum.GetValues<RangeMethod>())
        {
            var range = MeasuredRange.Of([values], method);
            Assert.InRange(range.Low, -1, -0.9);
            Assert.InRange(range.High, 0.9, 1);
        }
    }

    [Fact]
    public void Every_method_but_min_max_clips_what_hardly_ever_occurs()
    {
        var random = new Random(7);
        float[] values = [.. Enumerable.Range(0, 100_000).Select(_ => (float)(random.NextDouble() + random.NextDouble())), 500];
        Assert.Equal(500, MeasuredRange.Of([values], RangeMethod.MinMax).High);
        Assert.InRange(MeasuredRange.Of([values], RangeMethod.Percentile).High, 1.5, 3);
        Assert.InRange(MeasuredRange.Of([values], RangeMethod.MeanSquare).High, 1.5, 460);
        Assert.InRange(MeasuredRange.Of([values], RangeMethod.Entropy).High, 1.5, 100);
    }
}
