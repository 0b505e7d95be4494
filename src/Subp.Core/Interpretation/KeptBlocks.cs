using Subp.Core.Graphs;

namespace Subp.Core.Interpretation;

/// <summary>
/// Which weights exist. A pruned block is no block of zeros: nothing is multiplied there, and an infinity or a NaN of its input channel
/// does not come through. A weight that is zero in a kept block, or in a dense weight, is multiplied like any other.
/// </summary>
internal readonly struct KeptBlocks
{
    private readonly bool[,]? _kept;
    private readonly int _blockLength;

    public KeptBlocks(Parameter weight)
    {
        if (weight.Pattern is not { } pattern)
            return;
        _blockLength = pattern.BlockLength;
        _kept = new bool[pattern.Groups, pattern.InputChannels];
        for (var group = 0; group < pattern.Groups; group++)
        {
            foreach (var channel in pattern.Kept(group))
                _kept[group, channel] = true;
        }
    }

    /// <summary>True where the weights from an input channel (of the output's channel group) to an output exist.</summary>
    public bool Contains(int output, int input) => _kept is null || _kept[output / _blockLength, input];
}
