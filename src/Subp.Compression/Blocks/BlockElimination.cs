using Subp.Compression.Algebra;

namespace Subp.Compression.Blocks;

/// <summary>
/// Removes input channels from a group of outputs, one after another, and gives what each did to those that stay. The one that goes is
/// that whose part the others explain best: its squared weights times 1 / (A^-1)[k, k], the variance of channel k that is left when all
/// other channels are known. Its weights go to the others with the coefficients of that regression, which is the same, channel by
/// channel, as one regression of all removed channels on all kept ones.
/// </summary>
internal static class BlockElimination
{
    /// <summary>Removes channels.</summary>
    /// <param name="blocks">[input channels, outputs x taps] of the group; changed in place, removed channels become zero.</param>
    /// <param name="importance">The factor of each column's square in the choice: outputs that matter more lose less.</param>
    /// <param name="inverse">The inverse of the covariance of the inputs with its ridge; changed in place.</param>
    /// <param name="count">How many channels go.</param>
    /// <returns>The channels that stay, ascending.</returns>
    public static int[] Remove(Matrix blocks, double[] importance, Matrix inverse, int count)
    {
        var alive = Enumerable.Range(0, blocks.Rows).ToList();
        double[] energy = [.. alive.Select(channel => Energy(blocks.Row(channel), importance))];
        for (var step = 0; step < count; step++)
        {
            var (gone, least) = (-1, double.PositiveInfinity);
            foreach (var channel in alive)
            {
                var loss = energy[channel] / inverse[channel, channel];
                if (loss < least)
                    (gone, least) = (channel, loss);
            }

            alive.Remove(gone);
            var pivot = inverse[gone, gone];
            foreach (var channel in alive)
            {
                var factor = -inverse[channel, gone] / pivot;
                if (factor == 0)
                    continue;
                Matrix.AddScaled(blocks.Row(channel), factor, blocks.Row(gone));
                Matrix.AddScaled(inverse.Row(channel), factor, inverse.Row(gone));
                energy[channel] = Energy(blocks.Row(channel), importance);
            }

            blocks.Row(gone).Clear();
        }

        return [.. alive];
    }

    private static double Energy(ReadOnlySpan<double> block, double[] importance)
    {
        double sum = 0;
        for (var index = 0; index < block.Length; index++)
            sum += importance[index] * block[index] * block[index];
        return sum;
    }
}
