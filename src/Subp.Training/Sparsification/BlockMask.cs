using Subp.Core.Sparsity;

namespace Subp.Training.Sparsification;

/// <summary>
/// Which blocks of a layer are kept: one value per (group, input channel), shared by all weights of the block. A mask is
/// immutable; every update makes a new one.
/// </summary>
public sealed class BlockMask : IEquatable<BlockMask>
{
    private readonly byte[] _kept;

    private BlockMask(int groups, int channels, byte[] kept)
    {
        Groups = groups;
        Channels = channels;
        _kept = kept;
    }

    /// <summary>The number of groups of output channels.</summary>
    public int Groups { get; }

    /// <summary>The number of input channels, that is of blocks per group.</summary>
    public int Channels { get; }

    /// <summary>Whether block (<paramref name="group"/>, <paramref name="channel"/>) is kept.</summary>
    public bool this[int group, int channel] => _kept[(group * Channels) + channel] != 0;

    /// <summary>One byte per block, 1 for kept, in the order [group][channel].</summary>
    public ReadOnlySpan<byte> Bytes => _kept;

    /// <summary>The number of kept blocks of the whole layer.</summary>
    public int KeptBlocks => _kept.Count(kept => kept != 0);

    /// <summary>The mask that keeps everything.</summary>
    public static BlockMask Ones(BlockGrid grid)
    {
        var kept = new byte[grid.Groups * grid.InputChannels];
        Array.Fill(kept, (byte)1);
        return new BlockMask(grid.Groups, grid.InputChannels, kept);
    }

    /// <summary>The mask with the given values in the order [group][channel]; zero means pruned.</summary>
    /// <exception cref="ArgumentException">The number of values is not groups x channels.</exception>
    public static BlockMask FromBytes(int groups, int channels, ReadOnlySpan<byte> kept)
    {
        if (kept.Length != groups * channels)
            throw new ArgumentException($"A mask of {groups} x {channels} blocks needs {groups * channels} values, found {kept.Length}.");

        var copy = new byte[kept.Length];
        for (int i = 0; i < kept.Length; i++)
            copy[i] = kept[i] == 0 ? (byte)0 : (byte)1;

        return new BlockMask(groups, channels, copy);
    }

    /// <summary>The number of kept blocks of one group.</summary>
    public int KeptInGroup(int group)
    {
        int count = 0;
        foreach (byte kept in _kept.AsSpan(group * Channels, Channels))
            count += kept;

        return count;
    }

    /// <summary>The number of blocks that are kept in one of the two masks only (their Hamming distance).</summary>
    /// <exception cref="ArgumentException">The masks have different shapes.</exception>
    public int DistanceTo(BlockMask other)
    {
        if (other.Groups != Groups || other.Channels != Channels)
            throw new ArgumentException("The masks have different shapes.", nameof(other));

        int distance = 0;
        for (int i = 0; i < _kept.Length; i++)
            distance += _kept[i] ^ other._kept[i];

        return distance;
    }

    /// <summary>Sets the weights of every pruned block to zero, in place.</summary>
    /// <exception cref="ArgumentException">The number of weights does not belong to the grid.</exception>
    public void Apply(BlockGrid grid, Span<float> weights)
    {
        grid.RequireWeights(weights.Length, nameof(weights));
        for (int row = 0; row < grid.OutputChannels; row++)
        {
            for (int channel = 0; channel < Channels; channel++)
            {
                if (!this[row / grid.BlockLength, channel])
                    weights.Slice(((row * Channels) + channel) * grid.KernelSize, grid.KernelSize).Clear();
            }
        }
    }

    /// <summary>The kept blocks in the form in which a graph declares them.</summary>
    /// <param name="blockLength">N.</param>
    public BlockPattern ToPattern(int blockLength) =>
        new(
            blockLength,
            Channels,
            [
                .. Enumerable
                    .Range(0, Groups)
                    .Select(group => (IReadOnlyList<int>)[.. Enumerable.Range(0, Channels).Where(channel => this[group, channel])]),
            ]
        );

    /// <inheritdoc/>
    public bool Equals(BlockMask? other) =>
        other is not null && Groups == other.Groups && Channels == other.Channels && _kept.AsSpan().SequenceEqual(other._kept);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BlockMask);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_kept);
        return hash.ToHashCode();
    }
}
