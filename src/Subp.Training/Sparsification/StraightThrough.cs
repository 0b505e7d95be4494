namespace Subp.Training.Sparsification;

/// <summary>
/// The gradient side of the soft mask. The gradient with respect to W times mask passes unmasked to W; pruned blocks are in
/// addition pulled towards zero by the SR-STE term lambda (1 - mask) W (Zhou et al., ICLR 2021).
/// </summary>
public static class StraightThrough
{
    /// <summary>Adds lambda (1 - mask) W to the gradient, in place.</summary>
    /// <param name="weights">The dense stored weights (Cout, Cin, Kh, Kw).</param>
    /// <param name="gradient">The gradient with respect to the masked weights, same shape.</param>
    /// <param name="grid">The block structure.</param>
    /// <param name="mask">The mask of the forward pass.</param>
    /// <param name="lambda">The strength; 2e-4 in both publications.</param>
    /// <exception cref="ArgumentException">A length does not belong to the grid.</exception>
    public static void AddSparseRefinement(ReadOnlySpan<float> weights, Span<float> gradient, BlockGrid grid, BlockMask mask, float lambda)
    {
        grid.RequireWeights(weights.Length, nameof(weights));
        grid.RequireWeights(gradient.Length, nameof(gradient));
        int kernel = grid.KernelSize;
        for (int row = 0; row < grid.OutputChannels; row++)
        {
            for (int channel = 0; channel < grid.InputChannels; channel++)
            {
                if (mask[row / grid.BlockLength, channel])
                    continue;

                int start = ((row * grid.InputChannels) + channel) * kernel;
                for (int i = start; i < start + kernel; i++)
                    gradient[i] += lambda * weights[i];
            }
        }
    }
}
