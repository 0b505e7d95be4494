using Subp.Compiler.Families;
using Subp.Compiler.Families.Convolutions;
using Subp.Compiler.Families.Depthwise;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn.Tests.Models;
using Xunit;

namespace Subp.Roslyn.Tests;

public sealed class WeightLoadingTests
{
    private static readonly LoadedModel s_model = HandWrittenModel.Load();

    private delegate object LoadBytes(ReadOnlySpan<byte> weights);

    [Fact]
    public void Constants_are_packed_as_the_plan_says()
    {
        using var session = s_model.CreateSession(1);
        var output = new float[HandWrittenModel.OutputLength];
        session.Run(SessionTests.Input(0), output);
        var found = output[HandWrittenModel.InputLength..];

        var expected = new float[HandWrittenModel.ConstantsLength];
        var weights = HandWrittenModel.BuildWeights();
        foreach (var constant in HandWrittenModel.Constants)
        {
            var values = Expected(constant, weights);
            Assert.True(values.Length <= constant.Length, $"{constant} is shorter than its {values.Length} values.");
            values.CopyTo(expected.AsSpan(constant.Offset));
            Assert.True(values.AsSpan().SequenceEqual(found.AsSpan(constant.Offset, values.Length)), $"{constant} differs.");
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Weights_of_the_right_structure_load_from_bytes_and_from_a_file()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllBytes(path, HandWrittenModel.Weights);
        try
        {
            Assert.NotNull(Load(HandWrittenModel.Weights));
            Assert.NotNull(s_model.ModelType.GetMethod("Load", [typeof(string)])!.Invoke(null, [path]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Truncated_weights_are_refused_with_found_and_expected_length()
    {
        var error = Assert.Throws<InvalidDataException>(() => Load(HandWrittenModel.Weights[..^4]));
        Assert.Contains(
            $"found {HandWrittenModel.Weights.Length - 4} bytes, expected {HandWrittenModel.Weights.Length}",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Weights_of_another_structure_are_refused()
    {
        var other = (byte[])HandWrittenModel.Weights.Clone();
        var place = other.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(s_model.StructureHash));
        other[place] ^= 1;
        var error = Assert.Throws<InvalidDataException>(() => Load(other));
        Assert.Contains("another structure than " + s_model.StructureHash, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_embedded_weights_are_named()
    {
        var sources = HandWrittenModel.Sources(HandWrittenModel.Plan(1));
        var assembly = ModelAssemblyCompiler.Compile(
            [
                .. sources.Select(file =>
                    file with
                    {
                        Text = file.Text.Replace("\"Hand.Written.TestModel.safetensors\"", "\"Elsewhere\"", StringComparison.Ordinal),
                    }
                ),
            ],
            HandWrittenModel.Weights,
            "TestModel",
            HandWrittenModel.ResourceName
        );
        using var model = LoadedModel.Load(assembly);
        var error = Assert.Throws<InvalidDataException>(() => model.CreateSession(1));
        Assert.Contains("expected the resource 'Elsewhere'", error.Message, StringComparison.Ordinal);
    }

    private static object Load(byte[] weights) =>
        s_model.ModelType.GetMethod("Load", [typeof(ReadOnlySpan<byte>)])!.CreateDelegate<LoadBytes>()(weights);

    /// <summary>The formats of PreparedConstant, element by element.</summary>
    private static float[] Expected(PreparedConstant constant, WeightSet weights)
    {
        switch (constant)
        {
            case PaddedVector vector:
                return vector.Parameter is null ? [] : weights[vector.Parameter].Values;
            case PackedConvolution convolution:
                return Blocks(
                    weights[convolution.Parameter].Values,
                    convolution.Outputs,
                    convolution.InputsPerGroup,
                    convolution.Taps,
                    convolution.Groups,
                    convolution.BlockLength
                );
            case PackedDepthwise depthwise:
                var packed = new float[(depthwise.Channels + 15) / 16 * depthwise.Taps * 16];
                for (var channel = 0; channel < depthwise.Channels; channel++)
                {
                    for (var tap = 0; tap < depthwise.Taps; tap++)
                        packed[(((channel / 16) * depthwise.Taps) + tap) * 16 + (channel % 16)] = weights[depthwise.Parameter].Values[
                            (channel * depthwise.Taps) + tap
                        ];
                }

                return packed;
            case BatchNormFactors norm:
                var factors = new float[32];
                for (var channel = 0; channel < norm.Channels; channel++)
                {
                    var multiplier =
                        weights[norm.Norm.Scale].Values[channel]
                        / Math.Sqrt((double)weights[norm.Norm.Variance].Values[channel] + norm.Norm.Epsilon);
                    factors[channel] = (float)multiplier;
                    factors[16 + channel] = (float)(
                        weights[norm.Norm.Shift].Values[channel] - (weights[norm.Norm.Mean].Values[channel] * multiplier)
                    );
                }

                return factors;
            default:
                throw new InvalidOperationException(constant.ToString());
        }
    }

    private static float[] Blocks(float[] weight, int outputs, int inputsPerGroup, int taps, int groups, int blockLength)
    {
        var packed = new List<float>();
        for (var block = 0; block < outputs; block += blockLength)
        {
            var lanes = Enumerable.Range(block, blockLength).ToArray();
            int GroupOf(int output) => output / (outputs / groups);
            foreach (var group in lanes.Where(output => output < outputs).Select(GroupOf).Distinct())
            {
                for (var element = 0; element < inputsPerGroup * taps; element++)
                    packed.AddRange(
                        lanes.Select(output =>
                            output < outputs && GroupOf(output) == group ? weight[(output * inputsPerGroup * taps) + element] : 0
                        )
                    );
            }
        }

        return [.. packed];
    }
}
