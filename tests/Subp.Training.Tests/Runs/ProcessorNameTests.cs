using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

public sealed class ProcessorNameTests
{
    [Theory]
    [InlineData("AuthenticAMD", 0x17, 0x31, 0, "Zen 2")]
    [InlineData("AuthenticAMD", 0x19, 0x01, 1, "Zen 3")]
    [InlineData("AuthenticAMD", 0x19, 0x11, 1, "Zen 4")]
    [InlineData("AuthenticAMD", 0x19, 0x21, 0, "Zen 3")]
    [InlineData("AuthenticAMD", 0x19, 0xA0, 0, "Zen 4")]
    [InlineData("AuthenticAMD", 0x1A, 0x02, 1, "Zen 5")]
    [InlineData("GenuineIntel", 6, 0x55, 4, "Skylake")]
    [InlineData("GenuineIntel", 6, 0x55, 7, "Cascade Lake")]
    [InlineData("GenuineIntel", 6, 0x8F, 8, "Sapphire Rapids")]
    [InlineData("GenuineIntel", 6, 0xFF, 0, null)]
    [InlineData("AuthenticAMD", 0x1A, 0x50, 0, null)]
    [InlineData("Somebody", 6, 0x55, 7, null)]
    public void The_generation_is_told_by_family_and_model(string vendor, int family, int model, int stepping, string? generation)
    {
        Assert.Equal(generation, ProcessorName.Generation(vendor, family, model, stepping));
    }

    [Fact]
    public void This_machine_has_a_name_without_superfluous_blanks()
    {
        Assert.NotEmpty(ProcessorName.Current);
        Assert.DoesNotContain("  ", ProcessorName.Current);
        Assert.Equal(ProcessorName.Current.Trim(), ProcessorName.Current);
    }
}
