using System.Runtime.Intrinsics.X86;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Testing;

public class ChildProcessTests
{
    [Fact]
    public void Environment_variables_switch_instruction_sets_off() => ChildProcess.Check(WithoutAvx2, "DOTNET_EnableAVX2=0");

    [Fact]
    public void An_argument_reaches_the_child() => ChildProcess.Check(Expecting, "two words \"quoted\"", "SUBP_TEST=two words \"quoted\"");

    [Fact]
    public void A_failure_comes_back_with_its_message()
    {
        var result = ChildProcess.Run(Failing);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("on purpose", result.Error);
    }

    [Fact]
    public void A_lambda_is_refused()
    {
        var state = 1;
        Assert.Throws<ArgumentException>(() => ChildProcess.Check(() => Assert.Equal(1, state)));
    }

    private static void WithoutAvx2() => Assert.False(Avx2.IsSupported);

    private static void Expecting(string argument) => Assert.Equal(Environment.GetEnvironmentVariable("SUBP_TEST"), argument);

    private static void Failing() => throw new InvalidOperationException("on purpose");
}
