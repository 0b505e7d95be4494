using Subp.Benchmarks.Peers.Reporting;

namespace Subp.Benchmarks.Tests.Peers;

public sealed class ProcessorTests
{
    [Theory]
    [InlineData("Intel(R) Xeon(R) Processor @ 2.50GHz", "intel-xeon-processor-2.50ghz.md")]
    [InlineData("AMD EPYC 9755 128-Core Processor", "amd-epyc-9755-128-core-processor.md")]
    [InlineData("Intel(R) Core(TM) i7-1185G7", "intel-core-i7-1185g7.md")]
    [InlineData("AMD EPYC (Zen 5)", "amd-epyc-zen-5.md")]
    [InlineData("../../etc/passwd", "etc-passwd.md")]
    [InlineData("", "unknown.md")]
    public void A_page_is_named_after_the_processor_in_letters_that_any_system_takes(string model, string page)
    {
        Assert.Equal(page, new Processor(model, 2, "").PageName);
    }
}
