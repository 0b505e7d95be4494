using System.Buffers.Binary;
using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Storage;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests;

/// <summary>Weights that a compiled network of bytes is given later are exact too, or refused: no sum overflows in silence.</summary>
public sealed class IntegerWeightLoadingTests
{
    // A layer whose weights lie packed, one whose weights do not, one channel by channel, and one that returns floats.
    private const string Text = """
        subp 1
        model m
        input x: u8(0.5,10)[1,4,4,4]
        param few: s8[16,4,3,3] bits 4
        param few.scale: f32[16]
        param few.bias: s32[16]
        param byte: s8[16,16,1,1]
        param byte.scale: f32[16]
        param byte.bias: s32[16]
        param taps: s8[16,1,2,2]
        param taps.scale: f32[16]
        param taps.bias: s32[16]
        param alone: s8[3,16]
        param alone.scale: f32[3]
        node one: u8(0.5,0)[1,16,4,4] = conv2d(x) weight=few weight_scale=few.scale bias=few.bias kernel=[3,3] pads=[1,1,1,1]
        node two: u8(0.5,255)[1,16,4,4] = conv2d(one) weight=byte weight_scale=byte.scale bias=byte.bias kernel=[1,1]
        node three: u8(0.5,7)[1,16,3,3] = conv2d(two) weight=taps weight_scale=taps.scale bias=taps.bias kernel=[2,2] groups=16
        node mean: u8(0.5,7)[1,16,1,1] = global_avg_pool(three)
        node flat: u8(0.5,7)[1,16] = flatten(mean)
        node y: f32[1,3] = linear(flat) weight=alone weight_scale=alone.scale
        output y
        """;

    private static readonly Model s_network = Network();
    private static readonly byte[] s_weights = ModelBundle.Write(s_network).Safetensors;
    private static readonly LoadedModel s_model = Compile();

    private delegate object LoadBytes(ReadOnlySpan<byte> weights);

    [Fact]
    public void Weights_that_are_exact_are_taken() => Assert.NotNull(Load(s_weights));

    [Theory]
    [InlineData("few.bias", "one", int.MaxValue, "sums of up to")]
    [InlineData("few.bias", "one", int.MinValue, "sums of up to")]
    [InlineData("byte.bias", "two", int.MaxValue, "sums of up to")]
    [InlineData("byte.bias", "two", int.MinValue, "sums of up to")]
    [InlineData("taps.bias", "three", int.MaxValue, "sums of up to")]
    [InlineData("taps.bias", "three", int.MinValue, "sums of up to")]
    public void A_bias_with_which_a_sum_could_leave_32_bits_is_refused(string parameter, string layer, int bias, string found)
    {
        var weights = (byte[])s_weights.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(weights.AsSpan(Place(parameter) + (2 * sizeof(int))), bias);
        AssertRefused(weights, layer, found, channel: 2);
    }

    [Theory]
    [InlineData("few.scale", "one")]
    [InlineData("byte.scale", "two")]
    [InlineData("taps.scale", "three")]
    [InlineData("alone.scale", "y")]
    public void A_scale_that_is_none_is_refused(string parameter, string layer)
    {
        foreach (var scale in (float[])[0, -0.5f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e-40f])
        {
            var weights = (byte[])s_weights.Clone();
            BinaryPrimitives.WriteSingleLittleEndian(weights.AsSpan(Place(parameter) + sizeof(float)), scale);
            AssertRefused(weights, layer, FormattableString.Invariant($"the scale {scale:R}"), channel: 1);
        }
    }

    [Fact]
    public void A_multiplier_that_single_precision_does_not_hold_is_refused()
    {
        var weights = (byte[])s_weights.Clone();
        BinaryPrimitives.WriteSingleLittleEndian(weights.AsSpan(Place("alone.scale")), 2e-38f);
        AssertRefused(weights, "y", "the multiplier 1E-38", channel: 0);
    }

    [Fact]
    public void An_integer_of_few_bits_without_a_negative_is_refused()
    {
        // Nine quads of -8 would leave the 16 bits of a sum.
        var weights = (byte[])s_weights.Clone();
        weights[Place("few")] = 0x88;
        AssertRefused(weights, "one", "the weight -8", channel: 0);
    }

    [Fact]
    public void A_file_is_checked_as_bytes_are()
    {
        using var folder = new TemporaryFolder();
        var path = folder["weights.safetensors"];
        var weights = (byte[])s_weights.Clone();
        weights[Place("few")] = 0x88;
        File.WriteAllBytes(path, weights);
        var load = s_model.ModelType.GetMethod("Load", [typeof(string)])!.CreateDelegate<Func<string, object>>();
        Assert.Contains("the weight -8", Assert.Throws<InvalidDataException>(() => load(path)).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(byte[] weights, string layer, string found, int channel)
    {
        var message = Assert.Throws<InvalidDataException>(() => Load(weights)).Message;
        Assert.Contains($"layer '{layer}'", message, StringComparison.Ordinal);
        Assert.Contains($"found {found}", message, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"output channel {channel}"), message, StringComparison.Ordinal);
    }

    private static int Place(string parameter) => (int)WeightFileLayout.Of(s_network.Graph).Tensor(parameter).Offset;

    private static object Load(byte[] weights) =>
        s_model.ModelType.GetMethod("Load", [typeof(ReadOnlySpan<byte>)])!.CreateDelegate<LoadBytes>()(weights);

    private static Model Network()
    {
        var model = RandomWeights.For(SubpParser.Parse(Text, "m.subp").Graph, seed: 3);
        var few = model.Graph.Parameter("few").Shape;
        sbyte[] integers = [.. Enumerable.Range(0, few.ElementCount).Select(index => (sbyte)((index % 15) - 7))];
        model.Weights["few"] = WeightTensor.FromSignedBytes(few, integers);
        return model;
    }

    private static LoadedModel Compile()
    {
        // What is loaded is checked by the same code on every instruction set.
        var options = new CompileOptions { ThreadCounts = [1], InstructionSets = [InstructionSet.Portable] };
        var plan = ModelPlanner.Plan(s_network.Graph, options);
        var name = $"{plan.Options.Namespace}.{plan.ClassName}.safetensors";
        return LoadedModel.Load(ModelAssemblyCompiler.Compile(ModelEmitter.Emit(plan), s_weights, plan.ClassName, name));
    }
}
