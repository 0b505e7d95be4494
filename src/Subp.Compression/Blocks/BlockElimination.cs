using Subp.Compression.Algebra;
using Subp.Compression.Restoration;

namespace Subp.Compression.Blocks;

/// <summary>Removes input channels from a group of outputs, each time those of the least loss.</summary>
internal static class BlockElimination
{
    private const int ChannelsPerStep = 128;

    /// <summary>Removes channels.</summary>
    /// <param name="blocks">[input channels, outputs x taps] of the group; changed in place, removed channels become zero.</param>
    /// <param name="importance">The factor of each column's square in the choice: outputs that matter more lose less.</param>
    /// <param name="inverse">The inverse of the covariance of the inputs with its ridge; changed in place.</param>
    /// <param name="count">How many channels go.</param>
    /// <returns>The channels that stay, ascending.</returns>
    public static int[] Remove(Matrix blocks, double[] importance, Matrix inverse, int count)
    {
        var elimination = new Elimination(blocks, importance, inverse);
        // Wide layers lose several at a time, of the least losses: one by one, their inverse would go through memory for each.
        var chunk = Math.Max(1, blocks.Rows / ChannelsPerStep);
        for (var left = count; left > 0; left -= chunk)
            elimination.Remove([.. elimination.Alive.OrderBy(elimination.Loss).Take(Math.Min(chunk, left))]);
        return [.. elimination.Alive];
    }
}
