namespace Subp.Training.Sparsification.Methods;

/// <summary>Keeps the blocks of largest L1 norm of a whole layer, in whichever groups they lie: not uniform.</summary>
public static class BlockRanking
{
    /// <summary>The mask that prunes trunc(rate x blocks) blocks of a layer. Of equal blocks the first ones are pruned.</summary>
    public static BlockMask Largest(ReadOnlySpan<float> weights, BlockGrid grid, double rate)
    {
        double[] scores = BlockImportance.Score(ImportanceCriterion.L1, weights, grid, BlockMask.Ones(grid));
        var kept = new byte[scores.Length];
        Array.Fill(kept, (byte)1);
        foreach (int block in MaskUpdate.AscendingOrder(scores).AsSpan(0, (int)(rate * scores.Length)))
            kept[block] = 0;

        return BlockMask.FromBytes(grid.Groups, grid.InputChannels, kept);
    }
}
