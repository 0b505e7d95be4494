using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;
using Subp.Tooling.Inputs;
using Subp.Tooling.Verification;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Tests.Verification;

public sealed class InterpretedStepsTests
{
    private static readonly Quantization s_bytes = new(0.05f, 128);

    [Fact]
    public void Only_floats_that_were_computed_make_steps_that_layers_must_be_judged_alone_for()
    {
        Assert.True(InterpretedSteps.AppliesTo(Network(isMixed: true)));
        Assert.False(InterpretedSteps.AppliesTo(Network(isMixed: false)));
    }

    [Fact]
    public void Layers_agree_on_the_values_that_the_compiled_code_gave()
    {
        var model = RandomWeights.For(Network(isMixed: true), seed: 1);
        var inputs = InputSet.OfRandom(new TensorShape(1, 3, 9, 14), 1, seed: 3);
        var report = InterpretedSteps.Verify(
            PassPipeline.Pack(model),
            new CompileOptions(),
            [1, 2],
            inputs[0],
            static (_, _) => { },
            CancellationToken.None
        );
        Assert.Equal(
            ["first", "bytes", "real"],
            report.Apart.Select(layer => layer.Layer).Where(name => name is "first" or "bytes" or "real")
        );
        Assert.Equal(0, report.MostApart);
        Assert.Empty(report.Failures("model", 1e-4));
        Assert.True(report.Apart.Max(layer => layer.FloatError) > 0);
    }

    [Fact]
    public void A_layer_that_is_wrong_on_its_own_fails_and_a_drift_of_the_whole_does_not()
    {
        StepVerdict Layer(int steps) => new("bytes", "quantize", 100, steps, steps, 7, 0);
        var drifted = new SessionVerdict("reference interpreter", InstructionSet.Avx2, 1, 1, 1, 0, -1, 1e-2, 1, 9, 1, 0, 0, null);
        VerifyReport Report(int apart) =>
            new("model.subp", "one input", 1e-4, [drifted])
            {
                Apart = new StepReport(ReferenceOutputs.Interpreter, [Layer(apart)], [Layer(5)]),
            };
        Assert.Empty(Report(apart: 1).Failures());
        var failure = Assert.Single(Report(apart: 2).Failures());
        Assert.Equal("SUBP0707", failure.Descriptor.Id);
        Assert.Contains("defect of the compiler", failure.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty((Report(apart: 1) with { Apart = null }).Failures());
    }

    // A float convolution whose result becomes bytes, or bytes of the input alone, and floats again.
    private static Graph Network(bool isMixed)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, 3, 9, 14));
        if (isMixed)
            value = builder.Conv2d("first", value, 16, Window.Square(3, padding: 1), bias: true, activation: Activation.Relu);
        value = builder.Node("bytes", new Quantize(), s_bytes, value);
        builder.Output(builder.Node("real", new Dequantize(), value));
        return builder.Build();
    }
}
