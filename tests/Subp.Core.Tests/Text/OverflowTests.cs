using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Xunit;

namespace Subp.Core.Tests.Text;

/// <summary>Numbers whose products and sums leave 32 bits are diagnostics, before anything is allocated for them.</summary>
public class OverflowTests
{
    private const long MostAllocated = 1 << 20;
    private const string Head = "subp 1\nmodel m\ninput x: f32[1,4,5,5]\nparam w: f32[8,4,3,3]\n";

    [Theory]
    [InlineData("f32[65536,65536]")]
    [InlineData("f32[2147483647,2147483647]")]
    [InlineData("f32[2147483647,2147483647,2147483647,2147483647,2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("f32[46341,46341]")]
    [InlineData("f32[536870912]")]
    public void Giant_declared_dimensions_are_SUBP0208(string shape)
    {
        Assert.Equal("SUBP0208", Diagnose(Head + $"param p: {shape}\n"));
        Assert.Equal("SUBP0208", Diagnose($"subp 1\nmodel m\ninput x: {shape}\n"));
    }

    [Theory]
    [InlineData("conv2d(x) weight=w kernel=[3,3] pads=[2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("conv2d(x) weight=w kernel=[3,3] dilations=[2147483647,2147483647]")]
    [InlineData("conv2d(x) weight=w kernel=[3,3] dilations=[1073741824,1073741824] pads=[2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("conv2d(x) weight=w kernel=[2147483647,2147483647]")]
    [InlineData("conv2d(x) weight=w kernel=[3,3] groups=2147483647")]
    [InlineData("max_pool(x) kernel=[2147483647,2147483647]")]
    [InlineData("max_pool(x) kernel=[2,2] dilations=[2147483647,2147483647]")]
    [InlineData("pad(x) pads=[2147483647,2147483647,2147483647,2147483647]")]
    [InlineData("slice(x) axis=1 begin=-2147483648 end=2147483647")]
    [InlineData("channel_shuffle(x) groups=2147483647")]
    public void Attributes_at_the_ends_of_32_bits_are_diagnostics(string node) =>
        Assert.Matches("^SUBP0(104|20[35678])$", Diagnose(Head + $"node c: f32[1] = {node}\noutput c\n"));

    [Fact]
    public void Blocks_of_giant_length_are_diagnostics() =>
        Assert.All(
            new[] { "1x2147483647", "1x0", "2147483647x1", "1x99999999999", "1x4" },
            block => Assert.Matches("^SUBP0(101|20[67])$", Diagnose(Head.Replace("[8,4,3,3]", $"[8,4,3,3] sparse {block}")))
        );

    [Fact]
    public void Brackets_nested_without_end_are_diagnostics()
    {
        Assert.Equal("SUBP0101", Diagnose(Head + "param p: f32" + new string('[', 100_000) + "\n"));
        Assert.Matches("^SUBP010[14]$", Diagnose(Head + "node c: f32[1] = conv2d(x) weight=w kernel=" + new string('[', 100_000) + "\n"));
    }

    private static string Diagnose(string text)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var exception = Assert.Throws<SubpException>(() => SubpParser.Parse(text, "m.subp"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated + (10L * text.Length));
        return exception.Diagnostic.Descriptor.Id;
    }
}
