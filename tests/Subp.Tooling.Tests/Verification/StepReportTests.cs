using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Tests.Verification;

public sealed class StepReportTests
{
    private static readonly GraphNode s_bytes = new("sum", new Add(), ["a", "b"], new TensorShape(1, 3))
    {
        Type = new TensorType(new Quantization(0.5f, 3)),
    };

    [Fact]
    public void Bytes_are_compared_in_steps_and_the_worst_element_is_named()
    {
        var verdict = StepVerdict.Of(s_bytes, [1, 2, 9], [1, 3, 7]).And(StepVerdict.Of(s_bytes, [1, 2, 9], [1, 2, 10]));
        Assert.Equal(new StepVerdict("sum", "add", Elements: 6, Differing: 3, MostSteps: 2, Worst: 2, FloatError: 0), verdict);
    }

    [Fact]
    public void One_step_is_rounding_and_two_are_a_fault_that_names_the_layer()
    {
        var (one, two) = (StepVerdict.Of(s_bytes, [1, 2, 3], [1, 3, 3]), StepVerdict.Of(s_bytes, [1, 2, 3], [1, 4, 3]));
        Assert.Empty(new StepReport("ONNX Runtime", [one], [two]).Failures("m", 1e-4));
        var failure = Assert.Single(new StepReport("ONNX Runtime", [one, two], [one, two]).Failures("m", 1e-4));
        Assert.Equal("SUBP0707", failure.Descriptor.Id);
        Assert.Equal("m, layer 'sum' (add), against ONNX Runtime", failure.Location);
        Assert.Equal("2 steps at element 1, with the same bytes as input", failure.Found);
    }

    [Fact]
    public void Floats_that_sums_of_bytes_become_are_held_to_the_tolerance()
    {
        var verdict = StepVerdict.Of(s_bytes with { Type = TensorType.Float32 }, [1, 2, 4], [1, 2, 4.1f]);
        var failure = Assert.Single(new StepReport("ONNX Runtime", [verdict], [verdict]).Failures("m", 1e-4));
        Assert.Equal("floats 2.4e-02 of the largest one off", failure.Found);
    }
}
