using Subp.Core.Sparsity;

namespace Subp.Testing;

/// <summary>Block patterns for test networks; the same arguments draw the same pattern.</summary>
public static class DrawnPattern
{
    /// <summary>Every group keeps the same number of input channels.</summary>
    public static BlockPattern Uniform(int blockLength, int outputs, int inputs, int kept)
    {
        var random = new Random(inputs + outputs + kept);
        return new BlockPattern(
            blockLength,
            inputs,
            [.. Enumerable.Range(0, outputs / blockLength).Select(_ => Draw(random, inputs, kept))]
        );
    }

    /// <summary>The groups keep 0, 1, 2, ... input channels, from the start again above the most.</summary>
    public static BlockPattern Uneven(int blockLength, int outputs, int inputs, int most)
    {
        var random = new Random(inputs + outputs + most);
        return new BlockPattern(
            blockLength,
            inputs,
            [.. Enumerable.Range(0, outputs / blockLength).Select(group => Draw(random, inputs, (group + most) % (most + 1)))]
        );
    }

    private static int[] Draw(Random random, int inputs, int kept) =>
        [.. Enumerable.Range(0, inputs).OrderBy(_ => random.Next()).Take(kept).Order()];
}
