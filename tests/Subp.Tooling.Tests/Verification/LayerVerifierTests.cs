using Subp.Compiler;
using Subp.Testing;
using Subp.Tooling.Verification;

namespace Subp.Tooling.Tests.Verification;

[Trait("speed", "slow")]
public sealed class LayerVerifierTests
{
    private static readonly CompileOptions Options = new() { InstructionSets = [InstructionSet.Portable], ThreadCounts = [1] };

    [Fact]
    public void Every_value_of_a_network_is_compared_and_agrees()
    {
        var model = TinyClassifier.Build();
        var verdicts = LayerVerifier.Verify(model, Options, [1, 2], Input(), null, "tiny", static (_, _) => { }, CancellationToken.None);
        Assert.Equal(
            ["conv", "pool", "features", "classifier"],
            verdicts.Where(verdict => verdict.Threads == 2).Select(verdict => verdict.Layer).Except(["image.blocked16"])
        );
        Assert.All(verdicts, verdict => Assert.InRange(verdict.Error.Relative, 0, 1e-5));
        Assert.Empty(LayerVerdict.FirstDrifts(verdicts, 1e-4));
    }

    [Fact]
    public void The_first_layer_that_drifts_is_named()
    {
        LayerVerdict Layer(int index, double error) =>
            new("reference interpreter", InstructionSet.Avx2, 1, index, $"layer{index}", "conv2d", new ErrorFigures(error, error, 1, 1, 7));
        var drift = Assert.Single(LayerVerdict.FirstDrifts([Layer(2, 0.5), Layer(0, 1e-6), Layer(1, double.PositiveInfinity)], 1e-4));
        Assert.Equal("layer 'layer1', avx2, 1 thread, against reference interpreter", drift.Location);
        Assert.Equal("SUBP0705", drift.Descriptor.Id);
    }

    private static float[] Input() => [.. Enumerable.Range(0, 16 * 6 * 5).Select(index => (float)Math.Sin(index))];
}
