using System.Globalization;
using Subp.Core.Text;
using Xunit;

namespace Subp.Core.Tests.Text;

public class FloatTextTests
{
    [Theory]
    [InlineData(0f, "0")]
    [InlineData(-0f, "-0")]
    [InlineData(0.1f, "0.1")]
    [InlineData(-6f, "-6")]
    [InlineData(1e-5f, "1e-5")]
    [InlineData(0.0001f, "0.0001")]
    [InlineData(123456790f, "123456790")]
    [InlineData(1e9f, "1e9")]
    [InlineData(float.MaxValue, "3.4028235e38")]
    [InlineData(float.Epsilon, "1e-45")]
    [InlineData(float.PositiveInfinity, "inf")]
    [InlineData(float.NegativeInfinity, "-inf")]
    public void Known_numbers_have_known_text(float value, string text)
    {
        Assert.Equal(text, FloatText.Format(value));
        Assert.True(FloatText.TryParse(text, out var parsed));
        Assert.Equal(BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(parsed));
    }

    [Fact]
    public void Random_numbers_survive_and_are_as_short_as_the_shortest_of_the_runtime()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 8_000; trial++)
        {
            var bits = random.Next() & (trial % 7 == 0 ? 0x7F800000 : -1);
            var value = BitConverter.Int32BitsToSingle(trial % 11 == 0 ? bits & 0x7FFFFF : bits);
            if (!float.IsFinite(value))
                continue;
            var text = FloatText.Format(value);
            Assert.True(FloatText.TryParse(text, out var parsed));
            Assert.Equal(value, parsed);
            Assert.Equal(value, float.Parse(text, CultureInfo.InvariantCulture));
            Assert.Equal(Digits(value.ToString("R", CultureInfo.InvariantCulture)).Length, Digits(text).Length);
        }
    }

    [Fact]
    public void Parsing_rounds_like_the_runtime()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 20_000; trial++)
        {
            var text = FormattableString.Invariant($"{random.NextInt64(1L << 62)}e{random.Next(-70, 22)}");
            Assert.True(
                FloatText.TryParse(text, out var parsed) || float.IsInfinity(float.Parse(text, CultureInfo.InvariantCulture)),
                text
            );
            if (float.IsFinite(parsed) && parsed != 0)
                Assert.Equal(float.Parse(text, CultureInfo.InvariantCulture), parsed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("nan")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("1e39")]
    [InlineData("3.4028236e38")]
    [InlineData("1e999999999999")]
    [InlineData("11111111111111111111111111111111111111111111111111111111111111111")]
    public void What_is_no_float_is_refused(string text) => Assert.False(FloatText.TryParse(text, out _));

    private static string Digits(string text) =>
        new string([.. text.Split('E', 'e')[0].Where(char.IsAsciiDigit)]).TrimStart('0').TrimEnd('0');
}
