using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Emulation;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Functions behind a convolution follow the reference to a few units of the last place of their own results: the convolution gives back
/// its input without rounding.
/// </summary>
public sealed class BlockedFunctionTests
{
    private const int Channels = 16;
    private const int Pixels = 500;

    [Theory]
    [InlineData(ActivationKind.Sigmoid)]
    [InlineData(ActivationKind.Silu)]
    public void Functions_of_blocked_values_are_exact_to_a_few_units(ActivationKind kind)
    {
        InstructionEmulation.SwitchOn();
        var builder = new GraphBuilder("function");
        var image = builder.Input("x", new TensorShape(1, Channels, 1, Pixels));
        builder.Output(builder.Conv2d("y", image, Channels, Window.Square(1), activation: Activation.Of(kind)));
        var weights = new WeightSet();
        var identity = new float[Channels * Channels];
        for (var channel = 0; channel < Channels; channel++)
            identity[channel * (Channels + 1)] = 1;
        weights["y.weight"] = new WeightTensor(new TensorShape(Channels, Channels, 1, 1), identity);
        var network = new Model(builder.Build(), weights);
        float[] input = [.. Enumerable.Range(0, Channels * Pixels).Select(index => (index - (Channels * Pixels / 2)) * 0.0225f)];
        var expected = new float[input.Length];
        new ReferenceInterpreter(network).Run(input, expected);

        using var model = LoadedModel.Load(KernelFixture.Compile(new KernelCase("function", network, UnrollMode.Auto)).Assembly);
        foreach (var set in model.InstructionSets)
        {
            using var session = model.CreateSession(1, set);
            var found = new float[input.Length];
            session.Run(input, found);
            for (var index = 0; index < input.Length; index++)
                Assert.True(
                    Math.Abs(found[index] - expected[index]) <= (4e-7f * Math.Abs(expected[index])) + 1e-36f,
                    $"{set}: of {input[index]} found {found[index]}, expected {expected[index]}"
                );
        }
    }

    [Fact]
    public void What_is_masked_has_no_share_of_a_softmax_and_a_sigmoid_reaches_its_limits()
    {
        InstructionEmulation.SwitchOn();
        var builder = new GraphBuilder("masked");
        var rows = builder.Input("x", new TensorShape(3, 5, 37));
        builder.Output(builder.Node("shares", new Softmax { Axis = 2 }, rows));
        builder.Output(builder.Node("sigmoid", Activate.Sigmoid, rows));
        var network = new Model(builder.Build(), new WeightSet());
        float[] input =
        [
            .. Enumerable
                .Range(0, 3 * 5 * 37)
                .Select(index =>
                    index % 7 == 3 ? float.NegativeInfinity
                    : index % 11 == 5 ? -200f
                    : index * 0.01f
                ),
        ];
        using var model = LoadedModel.Load(KernelFixture.Compile(new KernelCase("masked", network, UnrollMode.Auto)).Assembly);
        foreach (var set in model.InstructionSets)
        {
            using var session = model.CreateSession(1, set);
            var found = new float[2 * input.Length];
            session.Run(input, found);
            for (var index = 0; index < input.Length; index++)
            {
                var shares = input[index] <= -200 ? 0 : found[index];
                Assert.True(found[index] == shares, $"{set}: the share of {input[index]} is {found[index]}");
                if (float.IsInfinity(input[index]))
                    Assert.True(found[input.Length + index] == 0, $"{set}: sigmoid({input[index]}) is {found[input.Length + index]}");
            }
        }
    }
}
