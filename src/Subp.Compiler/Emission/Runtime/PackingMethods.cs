using Subp.Compiler.Planning;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Emission.Runtime;

/// <summary>The methods that repack weights at load, and the calls to them. Only the methods that a model calls are emitted.</summary>
internal static class PackingMethods
{
    /// <summary>The statement that computes one constant; null where zeros are all it holds.</summary>
    public static string? Call(ModelPlan plan, WeightPlaces weights, PreparedConstant constant)
    {
        string Source(string parameter) => Invariant($"(float*)(weights + {weights.Offset(parameter)})");
        string Target(int skip = 0) => constant.Offset + skip == 0 ? "constants" : Invariant($"constants + {constant.Offset + skip}");
        string Named(string parameter) => " // " + CSharpText.Comment(parameter);
        string Packing(string parameter, string extents) =>
            plan.Source.Parameter(parameter).Pattern is { } pattern
                ? Invariant(
                    $"// {CSharpText.Comment(parameter)}: per group of {pattern.BlockLength} outputs the number of kept input channels, "
                        + $"then these.\n"
                        + $"PackBlocks({Source(parameter)}, {Target()}, new int[] {{ {Kept(pattern)} }}, blockLength: "
                        + $"{pattern.BlockLength}, {extents});"
                )
                : Invariant($"PackConvolution({Source(parameter)}, {Target()}, {extents});") + Named(parameter);
        switch (constant)
        {
            case PaddedVector { Parameter: null }:
                return null;
            case PaddedVector { Parameter: { } parameter } vector:
                return Invariant($"CopyVector({Source(parameter)}, {Target()}, {vector.Count});") + Named(parameter);
            case PackedConvolution convolution:
                return Packing(
                    convolution.Parameter,
                    Invariant(
                        $"outputs: {convolution.Outputs}, inputsPerGroup: {convolution.InputsPerGroup}, taps: {convolution.Taps}, "
                            + $"groups: {convolution.Groups}, lanes: {convolution.BlockLength}"
                    )
                );
            case WinogradWeights winograd:
                return WinogradPacking.Call(winograd, Source(winograd.Parameter), Target(), plan.Source.Parameter(winograd.Parameter));
            case PackedLinear linear:
                return Packing(
                    linear.Parameter,
                    Invariant($"outputs: {linear.Outputs}, inputsPerGroup: {linear.Inputs}, taps: 1, groups: 1, lanes: 16")
                );
            case PackedDepthwise depthwise:
                return Invariant(
                        $"PackDepthwise({Source(depthwise.Parameter)}, {Target()}, channels: {depthwise.Channels}, taps: {depthwise.Taps});"
                    ) + Named(depthwise.Parameter);
            case PackedTransposed transposed:
                return Invariant(
                        $"PackTransposed({Source(transposed.Parameter)}, {Target()}, groups: {transposed.Groups}, "
                            + $"inputs: {transposed.Inputs}, outputs: {transposed.Outputs}, taps: {transposed.Taps});"
                    ) + Named(transposed.Parameter);
            case BatchNormFactors norm:
                return Invariant(
                        $"BatchNormFactors({Source(norm.Scale)}, {Source(norm.Shift)}, {Source(norm.Mean)}, {Source(norm.Variance)}, "
                            + $"{Target()}, {Target(Padded(norm.Channels))}, {norm.Channels}, {CSharpText.Literal(norm.Epsilon)});"
                    ) + Named(norm.Scale);
            case FamilyConstant family:
                return family.Call(Source, Target());
            default:
                throw new InvalidOperationException($"No loader computes a {constant.GetType().Name}.");
        }
    }

    /// <summary>Writes the methods that the calls of a model need.</summary>
    public static void Write(CSharpWriter writer, ModelPlan plan)
    {
        var packed = plan
            .Constants.Select(PackedParameter)
            .Where(parameter => parameter is not null)
            .Select(parameter => plan.Source.Parameter(parameter!))
            .ToArray();
        if (plan.Constants.Any(constant => constant is PaddedVector { Parameter: not null }))
            writer.Line(CopyVector);
        if (packed.Any(parameter => parameter.Pattern is null))
            writer.Line(PackConvolution);
        if (packed.Any(parameter => parameter.Pattern is not null))
            writer.Line(PackBlocks);
        foreach (var methods in plan.Constants.OfType<FamilyConstant>().Select(constant => constant.Methods).Distinct())
            writer.Line(methods);
        if (plan.Constants.Any(constant => constant is PackedDepthwise))
            writer.Line(PackDepthwise);
        if (plan.Constants.Any(constant => constant is PackedTransposed))
            writer.Line(PackTransposed);
        if (plan.Constants.Any(constant => constant is BatchNormFactors))
            writer.Line(BatchNorm);
        WinogradPacking.Write(writer, plan);
    }

    private static string? PackedParameter(PreparedConstant constant) =>
        constant switch
        {
            PackedConvolution convolution => convolution.Parameter,
            PackedLinear linear => linear.Parameter,
            _ => null,
        };

    private static string Kept(BlockPattern pattern) =>
        CSharpText.Numbers(Enumerable.Range(0, pattern.Groups).SelectMany(group => pattern.Kept(group).Prepend(pattern.Kept(group).Count)));

    private static int Padded(int channels) => (channels + 15) / 16 * 16;

    private const string CopyVector = """
        private static void CopyVector(float* source, float* target, int count) =>
            new System::ReadOnlySpan<float>(source, count).CopyTo(new System::Span<float>(target, count));

        """;

    private const string PackConvolution = """
        // [out, in / groups, taps] to [out / lanes][input channel][taps][lanes]: each block of outputs holds the union of the input
        // channels that its groups read, ascending. Lanes of other groups and beyond the outputs stay zero.
        private static void PackConvolution(float* source, float* target, int outputs, int inputsPerGroup, int taps, int groups, int lanes)
        {
            int outputsPerGroup = outputs / groups;
            for (int block = 0; block < outputs; block += lanes)
            {
                int end = System::Math.Min(block + lanes, outputs);
                int firstGroup = block / outputsPerGroup;
                for (int output = block; output < end; output++)
                {
                    float* lane = target + ((output / outputsPerGroup) - firstGroup) * (inputsPerGroup * taps * lanes) + (output - block);
                    for (int element = 0; element < inputsPerGroup * taps; element++)
                        lane[element * lanes] = *source++;
                }

                target += ((end - 1) / outputsPerGroup - firstGroup + 1) * (inputsPerGroup * taps * lanes);
            }
        }

        """;

    private const string PackBlocks = """
        // A block-sparse weight [group][kept block][taps][N] to the dense [out / lanes][input channel][taps][lanes] of PackConvolution;
        // pruned blocks stay zero.
        private static void PackBlocks(
            float* source, float* target, System::ReadOnlySpan<int> kept, int blockLength,
            int outputs, int inputsPerGroup, int taps, int groups, int lanes)
        {
            int outputsPerGroup = outputs / groups;
            long start = 0;
            for (int output = 0; output < outputs; output++)
            {
                // A block of outputs that touches several groups holds the input channels of each of them.
                int block = output / lanes * lanes;
                int firstGroup = block / outputsPerGroup;
                float* lane = target + (start + output / outputsPerGroup - firstGroup) * inputsPerGroup * taps * lanes + output % lanes;
                for (int index = 1; index <= kept[0]; index++, source += taps * blockLength)
                {
                    for (int tap = 0; tap < taps; tap++)
                        lane[(kept[index] * taps + tap) * lanes] = source[tap * blockLength + output % blockLength];
                }

                // The outputs of one group of the pattern share their blocks; the last one moves on to the next group.
                if (output % blockLength == blockLength - 1)
                    kept = kept.Slice(kept[0] + 1);
                else
                    source -= kept[0] * taps * blockLength;
                if (output % lanes == lanes - 1)
                    start += output / outputsPerGroup - firstGroup + 1;
            }
        }

        """;

    private const string PackDepthwise = """
        // [channels, 1, taps] to [channels / 16][taps][16].
        private static void PackDepthwise(float* source, float* target, int channels, int taps)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int tap = 0; tap < taps; tap++)
                    target[((channel / 16 * taps) + tap) * 16 + channel % 16] = *source++;
            }
        }

        """;

    private const string PackTransposed = """
        // [in, out / groups, taps] to [group][out / 8][taps][in / groups][8].
        private static void PackTransposed(float* source, float* target, int groups, int inputs, int outputs, int taps)
        {
            int tiles = (outputs + 7) / 8;
            for (int input = 0; input < groups * inputs; input++)
            {
                for (int output = 0; output < outputs; output++)
                {
                    int tile = input / inputs * tiles + output / 8;
                    for (int tap = 0; tap < taps; tap++)
                        target[((tile * taps + tap) * inputs + input % inputs) * 8 + output % 8] = *source++;
                }
            }
        }

        """;

    private const string BatchNorm = """
        // A batch normalisation as one multiplication and one addition per channel, computed in double and rounded once.
        private static void BatchNormFactors(
            float* scale, float* shift, float* mean, float* variance, float* multipliers, float* addends, int channels, float epsilon)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                double multiplier = scale[channel] / System::Math.Sqrt((double)variance[channel] + epsilon);
                multipliers[channel] = (float)multiplier;
                addends[channel] = (float)(shift[channel] - mean[channel] * multiplier);
            }
        }

        """;
}
