using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;
using Subp.Tooling.Compilation;
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
    public void Layers_agree_on_the_values_that_the_compiled_code_gave_and_sessions_compute_the_same()
    {
        var report = Verify(seed: 1)!;
        Assert.Equal(["first", "bytes", "real"], report.Layers.Apart.Select(layer => layer.Layer).Where(IsOfNetwork));
        Assert.Equal(0, report.Layers.MostApart);
        Assert.Empty(report.Layers.Failures("model", 1e-4));
        Assert.True(report.Layers.Apart.Max(layer => layer.FloatError) > 0);
        Assert.Contains((InstructionSet.Portable, 1), report.Sessions);
        Assert.Contains((InstructionSet.Portable, 2), report.Sessions);
    }

    [Fact]
    public void A_model_of_other_weights_is_judged_by_its_outputs() => Assert.Empty(Verify(seed: 2)!.Sessions);

    [Fact]
    public void A_layer_that_reads_a_constant_is_compared() =>
        Assert.Contains("scaled", Verify(seed: 1)!.Layers.Apart.Select(layer => layer.Layer));

    [Fact]
    public void A_layer_that_is_wrong_on_its_own_fails_and_a_drift_of_what_computes_the_same_does_not()
    {
        static StepVerdict Layer(int steps) => new("bytes", "quantize", 100, steps, steps, 7, 0);
        SessionVerdict Drifted(int threads) =>
            new(ReferenceOutputs.Interpreter, InstructionSet.Avx2, threads, 1, 1, 0, -1, 1e-2, 1, 9, 1, 0, 0, null);
        VerifyReport Report(int apart, int threads) =>
            new("model.subp", "one input", 1e-4, [Drifted(threads)])
            {
                Apart = new InterpretedReport(
                    new StepReport(ReferenceOutputs.Interpreter, [Layer(apart)], [Layer(5)]),
                    [(InstructionSet.Avx2, 1)]
                ),
            };
        Assert.Empty(Report(apart: 0, threads: 1).Failures());
        Assert.Equal("SUBP0702", Assert.Single(Report(apart: 0, threads: 2).Failures()).Descriptor.Id);
        var failure = Assert.Single(Report(apart: 1, threads: 1).Failures());
        Assert.Equal("SUBP0707", failure.Descriptor.Id);
        Assert.Contains("defect of the compiler", failure.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty((Report(apart: 0, threads: 1) with { Apart = null }).Failures());
    }

    private static string Constant(GraphBuilder builder) =>
        builder.Node("factor", new Constant { Value = builder.Parameter("factor.value", new TensorShape(1, 16, 1, 1)) });

    private static bool IsOfNetwork(string name) => name is "first" or "bytes" or "real";

    // The compiled model has weights of its own.
    private static InterpretedReport? Verify(int seed)
    {
        var model = PassPipeline.Pack(RandomWeights.For(Network(isMixed: true), seed: 1));
        var other = PassPipeline.Pack(RandomWeights.For(Network(isMixed: true), seed));
        var options = new CompileOptions { ThreadCounts = [1, 2] };
        using var network = TemporaryAssembly.Load(other, options, CancellationToken.None);
        return InterpretedSteps.Verify(
            network.Loaded,
            model,
            options with
            {
                InstructionSets = [.. Enum.GetValues<InstructionSet>()],
            },
            [1, 2],
            InputSet.OfRandom(new TensorShape(1, 3, 9, 14), 5, seed: 3),
            static (_, _) => { },
            CancellationToken.None
        );
    }

    // A float convolution whose result is scaled and becomes bytes, or bytes of the input alone, and floats again.
    private static Graph Network(bool isMixed)
    {
        var builder = new GraphBuilder("net");
        var value = builder.Input("image", new TensorShape(1, 3, 9, 14));
        if (isMixed)
        {
            value = builder.Conv2d("first", value, 16, Window.Square(3, padding: 1), bias: true, activation: Activation.Relu);
            value = builder.Node("scaled", new Mul(), value, Constant(builder));
        }

        value = builder.Node("bytes", new Quantize(), s_bytes, value);
        builder.Output(builder.Node("real", new Dequantize(), value));
        return builder.Build();
    }
}
