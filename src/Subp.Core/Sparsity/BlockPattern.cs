using Subp.Core.Diagnostics;
using Subp.Core.Graphs;

namespace Subp.Core.Sparsity;

/// <summary>
/// The kept blocks of a 1xN block-sparse weight. A block is N consecutive output channels x one input channel x the whole kernel; a group
/// is the N output channels that share their kept input channels. The pattern is uniform where every group keeps the same number of blocks.
/// Source: SUBP (NeurIPS 2023) and 1xN (TPAMI 2022); the storage order is Block Sparse Row with kernel-sized blocks.
/// </summary>
public sealed class BlockPattern : IEquatable<BlockPattern>
{
    private readonly int[][] _kept;

    /// <summary>Creates a pattern from the kept input channels of each group.</summary>
    /// <param name="blockLength">N, the number of output channels of a block.</param>
    /// <param name="inputChannels">The number of input channels of the layer.</param>
    /// <param name="kept">Per group, the kept input channels in ascending order. The arrays are copied.</param>
    /// <exception cref="SubpException">N is below 1, there is no group, or channels are out of range, unsorted or repeated.</exception>
    public BlockPattern(int blockLength, int inputChannels, IReadOnlyList<IReadOnlyList<int>> kept)
    {
        if (blockLength < 1 || inputChannels < 1 || kept.Count < 1)
            throw Invalid(
                FormattableString.Invariant($"N = {blockLength}, {inputChannels} input channels, {kept.Count} groups"),
                "at least 1 of each"
            );
        for (var group = 0; group < kept.Count; group++)
        {
            var previous = -1;
            foreach (var channel in kept[group])
            {
                if (channel <= previous || channel >= inputChannels)
                    throw Invalid(
                        FormattableString.Invariant($"input channel {channel} after {previous} in group {group}"),
                        FormattableString.Invariant($"ascending channels below {inputChannels}")
                    );
                previous = channel;
            }
        }

        BlockLength = blockLength;
        InputChannels = inputChannels;
        _kept = [.. kept.Select(group => group.ToArray())];
        KeptBlocks = _kept.Sum(group => group.Length);
        IsUniform = _kept.All(group => group.Length == _kept[0].Length);
    }

    /// <summary>N: the number of consecutive output channels that share their kept input channels.</summary>
    public int BlockLength { get; }

    /// <summary>The number of input channels.</summary>
    public int InputChannels { get; }

    /// <summary>The number of groups: output channels / N.</summary>
    public int Groups => _kept.Length;

    /// <summary>The number of output channels.</summary>
    public int OutputChannels => Groups * BlockLength;

    /// <summary>The number of kept blocks of all groups.</summary>
    public int KeptBlocks { get; }

    /// <summary>True where every group keeps the same number of blocks.</summary>
    public bool IsUniform { get; }

    /// <summary>True where no block is pruned.</summary>
    public bool IsFull => KeptBlocks == Groups * InputChannels;

    /// <summary>The share of pruned blocks, 0 to 1.</summary>
    public double Sparsity => 1.0 - ((double)KeptBlocks / ((double)Groups * InputChannels));

    /// <summary>The kept input channels of one group, ascending.</summary>
    public IReadOnlyList<int> Kept(int group) => _kept[group];

    /// <summary>
    /// The number of kept blocks of all groups before <paramref name="group"/>: where its blocks start in the stored values.
    /// </summary>
    public int FirstBlock(int group)
    {
        var first = 0;
        for (var earlier = 0; earlier < group; earlier++)
            first += _kept[earlier].Length;
        return first;
    }

    /// <summary>The pattern that keeps every block.</summary>
    public static BlockPattern Full(int blockLength, int outputChannels, int inputChannels)
    {
        var all = Enumerable.Range(0, inputChannels).ToArray();
        return new BlockPattern(blockLength, inputChannels, [.. Enumerable.Repeat(all, outputChannels / blockLength)]);
    }

    /// <summary>Requires the output channels of a layer to be divisible by N.</summary>
    /// <exception cref="SubpException">They are not; the message names the layer, the channels, N and the nearest legal N.</exception>
    public static void RequireDivisible(string layer, int outputChannels, int blockLength)
    {
        if (blockLength >= 1 && outputChannels % blockLength == 0)
            return;
        var legal = Divisors(outputChannels)
            .OrderBy(length => Math.Abs((long)length - blockLength))
            .ThenByDescending(length => length)
            .First();
        throw new SubpException(
            DiagnosticDescriptors.BlockDivisibility,
            $"layer '{layer}'",
            FormattableString.Invariant($"{outputChannels} output channels and N = {blockLength}"),
            "a multiple of N",
            FormattableString.Invariant($"Use N = {legal}, the nearest legal block length, or exclude the layer.")
        );
    }

    /// <summary>Requires the pattern to fit the shape of the weight it belongs to.</summary>
    /// <exception cref="SubpException">The channels of shape and pattern differ.</exception>
    public void RequireFits(string parameter, TensorShape shape)
    {
        if (shape.Rank is not (2 or 4) || shape[1] != InputChannels || shape[0] != OutputChannels)
            throw new SubpException(
                DiagnosticDescriptors.InvalidPattern,
                $"parameter '{parameter}'",
                FormattableString.Invariant(
                    $"a pattern of {Groups} groups of {BlockLength} over {InputChannels} input channels for the shape {shape}"
                ),
                "the channels of the shape"
            );
    }

    /// <summary>True where both keep the same blocks.</summary>
    public bool Equals(BlockPattern? other)
    {
        if (other is null || BlockLength != other.BlockLength || InputChannels != other.InputChannels || Groups != other.Groups)
            return false;
        for (var group = 0; group < Groups; group++)
        {
            if (!_kept[group].SequenceEqual(other._kept[group]))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BlockPattern);

    /// <inheritdoc/>
    public override int GetHashCode() => unchecked((((BlockLength * 31) + Groups) * 31) + KeptBlocks);

    private static IEnumerable<int> Divisors(int number)
    {
        for (var divisor = 1; (long)divisor * divisor <= number; divisor++)
        {
            if (number % divisor != 0)
                continue;
            yield return divisor;
            yield return number / divisor;
        }
    }

    private static SubpException Invalid(string found, string expected) =>
        new(DiagnosticDescriptors.InvalidPattern, "block pattern", found, expected);
}
