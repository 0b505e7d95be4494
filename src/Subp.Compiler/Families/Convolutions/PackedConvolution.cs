using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Sparsity;
using static Subp.Compiler.InvariantText;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>
/// A weight [out, in / groups, kh, kw], or [out, in] of a linear layer, as [out / N][input channel][kh * kw][N]: for each block of N
/// output channels the union of the input channels its groups read, ascending; lanes of other groups or beyond the outputs are zero.
/// </summary>
/// <param name="Offset">Start in the constants, in floats.</param>
/// <param name="Length">Length in floats.</param>
/// <param name="Parameter">The weight.</param>
/// <param name="Pattern">The blocks that the file has of it; null where it is dense.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="InputsPerGroup">Input channels of one group.</param>
/// <param name="Taps">kh * kw.</param>
/// <param name="Groups">Channel groups.</param>
/// <param name="BlockLength">N: a multiple of 16.</param>
/// <param name="FirstOutput">The output of the parameter that is the first one, of a dense weight of which not all are packed.</param>
internal sealed record PackedConvolution(
    int Offset,
    int Length,
    string Parameter,
    BlockPattern? Pattern,
    int Outputs,
    int InputsPerGroup,
    int Taps = 1,
    int Groups = 1,
    int BlockLength = 16,
    int FirstOutput = 0
) : FamilyConstant(Offset, Length)
{
    /// <inheritdoc/>
    public override string? NamedAfter => Parameter;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Methods => [Pattern is null ? PackConvolution : PackBlocks];

    /// <inheritdoc/>
    public override string Call(Func<string, string> source, string target)
    {
        var extents = Invariant(
            $"outputs: {Outputs}, inputsPerGroup: {InputsPerGroup}, taps: {Taps}, groups: {Groups}, lanes: {BlockLength}"
        );
        return Pattern is null
            ? Invariant($"PackConvolution({KernelText.Offset(source(Parameter), First)}, {target}, {extents});")
            : Invariant(
                $"// Per group of {Pattern.BlockLength} outputs the number of kept input channels, then these.\n"
                    + $"PackBlocks({source(Parameter)}, {target}, new int[] {{ {Kept(Pattern)} }}, blockLength: {Pattern.BlockLength}, "
                    + $"{extents});"
            );
    }

    private long First => (long)FirstOutput * InputsPerGroup * Taps;

    private static string Kept(BlockPattern pattern) =>
        CSharpText.Numbers(Enumerable.Range(0, pattern.Groups).SelectMany(group => pattern.Kept(group).Prepend(pattern.Kept(group).Count)));

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
}
