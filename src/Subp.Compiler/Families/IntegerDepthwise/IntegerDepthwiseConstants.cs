using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>
/// What a depthwise integer layer computes when weights are loaded: the sums that outputs begin with [channels], what sums are multiplied
/// with [channels], and the weights [tap][channels], 32 bits each of which the upper 16 are zero.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
internal sealed record IntegerDepthwiseConstants(int Offset, int Length) : FamilyConstant(Offset, Length)
{
    /// <summary>The node, for messages.</summary>
    public required string Layer { get; init; }

    /// <summary>The weight, signed bytes.</summary>
    public required string Weight { get; init; }

    /// <summary>The bits of the weight where it is stored packed, else null.</summary>
    public int? WeightBits { get; init; }

    /// <summary>The scales of the weight.</summary>
    public required string Scales { get; init; }

    /// <summary>The bias, or null.</summary>
    public string? Bias { get; init; }

    /// <summary>Channels, and channels with their padding.</summary>
    public required (int Count, int Pitch) Channels { get; init; }

    /// <summary>The taps of the kernel.</summary>
    public required int Taps { get; init; }

    /// <summary>The scale and zero point of the input, and the scale of the output.</summary>
    public required (float Input, int Zero, float Output) Quantization { get; init; }

    /// <inheritdoc/>
    public override string? NamedAfter => Weight;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [PackIntegerDepthwise, IntegerWeightCheck.Method];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target) =>
        Invariant(
            $"PackIntegerDepthwise({IntegerWeightCheck.Arguments(Layer, WeightBits)}, (sbyte*){source(Weight)}, {source(Scales)}, "
                + $"{(Bias is null ? "null" : $"(int*){source(Bias)}")}, "
                + $"(int*)({target}), channels: {Channels.Count}, pitch: {Channels.Pitch}, taps: {Taps}, "
                + $"inputScale: {CSharpText.Literal(Quantization.Input)}, inputZero: {Quantization.Zero}, "
                + $"outputScale: {CSharpText.Literal(Quantization.Output)});"
        );

    private const string PackIntegerDepthwise = """
        // A depthwise integer layer: the sums that outputs begin with, what sums are multiplied with, the weights as [tap][channel].
        private static void PackIntegerDepthwise(
            string layer, int least, sbyte* source, float* scales, int* bias, int* target, int channels, int pitch, int taps,
            float inputScale, int inputZero, float outputScale)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                int sum = 0, magnitude = 0, smallest = 0;
                for (int tap = 0; tap < taps; tap++)
                {
                    sbyte weight = source[channel * taps + tap];
                    target[(tap + 2) * pitch + channel] = (ushort)weight;
                    sum += weight;
                    magnitude += System::Math.Abs((int)weight);
                    smallest = System::Math.Min(smallest, weight);
                }

                int offset = bias == null ? 0 : bias[channel];
                float factor = inputScale * scales[channel] / outputScale;
                RequireExact(layer, channel, least, smallest, magnitude, offset, inputZero, scales[channel], factor);
                target[channel] = offset - inputZero * sum;
                ((float*)target)[pitch + channel] = factor;
            }
        }

        """;
}
