using Subp.Compiler;
using Subp.Tooling.Verification;

namespace Subp.Tooling.Tests.Verification;

public sealed class SessionVerdictTests
{
    [Theory]
    [InlineData(1.6e-4, "--precise")]
    [InlineData(2e-1, "of the same training")]
    public void What_may_be_rounding_is_told_from_what_is_not(double error, string advice)
    {
        var verdict = new SessionVerdict(
            Reference: ReferenceOutputs.Interpreter,
            InstructionSet: InstructionSet.Avx2,
            Threads: 1,
            Images: 4,
            SameLabels: 4,
            LabelErrors: 0,
            FirstLabelError: -1,
            MaximumError: error,
            MaximumAbsoluteError: error,
            MaximumUlps: 1000,
            SmallestCosine: 1,
            WorstInput: 0,
            WorstOutput: 0,
            Accuracy: null
        );
        var failure = Assert.Single(verdict.Failures("net.onnx", tolerance: 1e-4));
        Assert.Contains(advice, failure.ToString(), StringComparison.Ordinal);
        Assert.Empty(verdict.Failures("net.onnx", tolerance: 1));
    }
}
