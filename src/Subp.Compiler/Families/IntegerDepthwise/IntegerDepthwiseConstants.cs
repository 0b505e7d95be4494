using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Bytes;
using Subp.Compiler.Planning;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerDepthwise;

/// <summary>
/// What a depthwise integer layer computes when weights are loaded: the sums that outputs begin with [channels], what sums are multiplied
/// with [channels], and quads of weights as <see cref="ChannelBlocks"/> says.
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

    /// <summary>The channels, without padding.</summary>
    public required int Channels { get; init; }

    /// <summary>How weights are stored.</summary>
    public required ChannelBlocks Blocks { get; init; }

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
                + $"(int*)({target}), channels: {Channels}, pitch: {Blocks.Pitch}, rows: {Blocks.Rows}, columns: {Blocks.Columns}, "
                + $"inputScale: {CSharpText.Literal(Quantization.Input)}, inputZero: {Quantization.Zero}, "
                + $"outputScale: {CSharpText.Literal(Quantization.Output)});"
        );

    private const string PackIntegerDepthwise = """
        // A depthwise integer layer: the sums that outputs begin with, what sums are multiplied with, and the weights by blocks of 32
        // channels, of which the last one ends with the channels. For each column of the kernel and each four rows there are four weights
        // a channel: of channels 0 to 3 and 16 to 19, then 4 to 7 and 20 to 23, and so on; behind those of eight channels their first and
        // third as 16 bits, and their second and last.
        private static void PackIntegerDepthwise(
            string layer, int least, sbyte* source, float* scales, int* bias, int* target, int channels, int pitch, int rows, int columns,
            float inputScale, int inputZero, float outputScale)
        {
            int taps = rows * columns;
            int sumPitch = System::Math.Max(pitch, 32);
            for (int channel = 0; channel < channels; channel++)
            {
                int sum = 0, magnitude = 0, smallest = 0;
                for (int tap = 0; tap < taps; tap++)
                {
                    sbyte weight = source[channel * taps + tap];
                    sum += weight;
                    magnitude += System::Math.Abs((int)weight);
                    smallest = System::Math.Min(smallest, weight);
                }

                int offset = bias == null ? 0 : bias[channel];
                float factor = inputScale * scales[channel] / outputScale;
                RequireExact(layer, channel, least, smallest, magnitude, offset, inputZero, scales[channel], factor);
                target[channel] = offset - inputZero * sum;
                ((float*)target)[sumPitch + channel] = factor;
            }

            int quadRows = (rows + 3) / 4;
            int blocks = (pitch + 31) / 32;
            sbyte* weights = (sbyte*)(target + 2 * sumPitch);
            new System::Span<sbyte>(weights, blocks * columns * quadRows * 384).Clear();
            for (int block = 0; block < blocks; block++, weights += columns * quadRows * 384)
            {
                int first = System::Math.Max(0, System::Math.Min(block * 32, pitch - 32));
                for (int place = 0; place < 32 && first + place < channels; place++)
                {
                    sbyte* quad = weights + place % 16 / 4 * 96 + place / 16 * 16 + place % 4 * 4;
                    for (int tap = 0; tap < taps; tap++)
                    {
                        int row = tap / columns;
                        sbyte weight = source[(first + place) * taps + tap];
                        sbyte* four = quad + (tap % columns * quadRows + row / 4) * 384;
                        four[row % 4] = weight;
                        ((short*)(four + 32 + row % 2 * 32))[row % 4 / 2] = weight;
                    }
                }
            }
        }

        """;
}
