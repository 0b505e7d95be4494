using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Families.Bytes;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.IntegerConvolutions;

/// <summary>Writes the method that prepares the constants of integer layers when weights are loaded, and the calls to it.</summary>
internal static class IntegerLayerPacking
{
    /// <summary>The call for one layer.</summary>
    public static string Call(IntegerLayerConstants layer, Func<string, string> source, string target)
    {
        var places = layer.Places;
        var kept = layer.Kept.Distinct().Count() == 1 ? Invariant($"{layer.Kept[0]}") : CSharpText.Numbers(layer.Kept);
        var bias = layer.Bias is null ? "null" : $"(int*){source(layer.Bias)}";
        return Invariant(
            $"PackIntegerLayer({IntegerWeightCheck.Arguments(layer.Layer, layer.WeightBits)}, "
                + $"(sbyte*){source(layer.Weight)}, {source(layer.Scales)}, {bias}, (byte*)({target}), "
                + $"{layer.Table ?? "default"}, new int[] {{ {kept} }}, "
                + $"groups: {places.Groups}, blockLength: {layer.BlockLength}, vectors: {places.Vectors}, "
                + $"rows: {places.Kernel.Height}, columns: {places.Kernel.Width}, "
                + $"quads: {places.Quads}, tapChannels: {places.TapChannels}, permutations: {places.Permutations}, "
                + $"isBlocked: {(layer.IsBlocked ? "true" : "false")}, "
                + $"outputs: {layer.Outputs}, inputs: {layer.Inputs}, channelGroups: {layer.ChannelGroups}, "
                + $"inputScale: {CSharpText.Literal(layer.Quantization.Input)}, inputZero: {layer.Quantization.Zero}, "
                + $"outputScale: {CSharpText.Literal(layer.Quantization.Output)});"
        );
    }

    /// <summary>The methods.</summary>
    public const string Methods = """
        // An integer layer: a number that is 1 where no pair of products can leave 16 bits, the sums that outputs begin with, what sums are
        // multiplied with, the weights as [group][row][quad of inputs][vector of outputs][16][4], and the permutations that put the
        // channels of a group side by side, 64 channels each, with where the bytes of each begin. The weight is stored as
        // [group][kept block][tap][N], or dense as [out][in][tap].
        private static void PackIntegerLayer(
            string layer, int least,
            sbyte* source, float* scales, int* bias, byte* target, System::ReadOnlySpan<ushort> channels, int[] kept,
            int groups, int blockLength, int vectors, int rows, int columns, int quads, int tapChannels, int permutations, bool isBlocked,
            int outputs, int inputs, int channelGroups, float inputScale, int inputZero, float outputScale)
        {
            int lanes = vectors * 16;
            int taps = rows * columns;
            int rowQuads = (columns * tapChannels + 3) / 4;
            long groupBytes = (long)rows * rowQuads * lanes * 4;
            int* sums = (int*)(target + 64);
            float* factors = (float*)(sums + groups * lanes);
            sbyte* weights = (sbyte*)(factors + groups * lanes);
            byte* indices = (byte*)(weights + groups * groupBytes);
            int* starts = (int*)(indices + groups * permutations * 64);
            bool fits = true;
            for (int group = 0; group < groups; group++)
            {
                int blocks = kept.Length == 1 ? kept[0] : kept[group];
                for (int lane = 0; lane < blockLength; lane++)
                {
                    int output = group * blockLength + lane;
                    if (output >= outputs)
                        break;
                    int sum = 0, magnitude = 0, smallest = 0;
                    sbyte* column = weights + group * groupBytes + lane * 4;
                    for (int block = 0; block < blocks; block++)
                    {
                        int channel = channels.IsEmpty ? block : channels[group * quads * 4 + block];
                        int ofGroup = output / (outputs / channelGroups);
                        int input = channel - ofGroup * (inputs / channelGroups);
                        if (!isBlocked && (input < 0 || input >= inputs / channelGroups))
                            continue;
                        for (int tap = 0; tap < taps; tap++)
                        {
                            sbyte weight = isBlocked
                                ? source[(block * taps + tap) * blockLength + lane]
                                : source[((long)output * (inputs / channelGroups) + input) * taps + tap];
                            int place = tap % columns * tapChannels + block;
                            column[((long)(tap / columns) * rowQuads + place / 4) * lanes * 4 + place % 4] = weight;
                            sum += weight;
                            magnitude += System::Math.Abs((int)weight);
                            smallest = System::Math.Min(smallest, weight);
                        }
                    }

                    for (long quad = 0; quad < (long)rows * rowQuads; quad++)
                    {
                        sbyte* quadruple = column + quad * lanes * 4;
                        fits &= PairFits(quadruple[0], quadruple[1]) && PairFits(quadruple[2], quadruple[3]);
                    }

                    int offset = bias == null ? 0 : bias[output];
                    float factor = inputScale * scales[output] / outputScale;
                    RequireExact(layer, output, least, smallest, magnitude, offset, inputZero, scales[output], factor);
                    sums[group * lanes + lane] = offset - inputZero * sum;
                    factors[group * lanes + lane] = factor;
                }

                if (isBlocked)
                    source += (long)blocks * taps * blockLength;
                for (int permutation = 0, block = 0; permutation < permutations; permutation++)
                {
                    int place = group * permutations + permutation;
                    starts[place] = block;
                    for (; block < blocks && channels[group * quads * 4 + block] / 64 == permutation; block++)
                        indices[place * 64 + block - starts[place]] = (byte)(channels[group * quads * 4 + block] % 64);
                }
            }

            *(int*)target = fits ? 1 : 0;
        }

        // Whether 255 times each of two weights is a sum that 16 bits hold.
        private static bool PairFits(int first, int second) =>
            first + second <= 128 && first + second >= -128 || (first ^ second) < 0;

        """;
}
