using Subp.Core.Diagnostics;
using Subp.Tooling.Inspection;
using Subp.Training.Runs;

namespace Subp.Tooling.Tests.Calibration;

public sealed class NativeMachineTests
{
    [Theory]
    [InlineData("Zen 5", "zen5")]
    [InlineData("Zen 4", "zen4")]
    [InlineData("Cascade Lake", "cascade-lake")]
    [InlineData("Zen 2", null)]
    [InlineData(null, null)]
    public void A_description_is_that_of_the_generation(string? generation, string? machine)
    {
        Assert.Equal(machine, NativeMachine.Of(generation)?.Name);
    }

    [Fact]
    public void Native_is_the_description_of_this_processor_or_refused_with_its_name()
    {
        if (NativeMachine.Current is { } machine)
        {
            Assert.Same(machine, NativeMachine.Require());
            return;
        }

        var failure = Assert.Throws<SubpException>(() => NativeMachine.Require());
        Assert.Contains(ProcessorName.Current, failure.Message, StringComparison.Ordinal);
        Assert.Contains("subp calibrate", failure.Message, StringComparison.Ordinal);
    }
}
