using Subp.Core.Graphs;

namespace Subp.Training.Engines;

/// <summary>How many images a step may have where nobody says so, by the memory that the embedded engine takes for them.</summary>
internal static class ImagesAtOnce
{
    // What values and gradients of a step may take.
    private const long MostBytes = 1_500_000_000;

    // Fewer have statistics by chance.
    private const int Fewest = 8;

    /// <summary>The most images, at least 8.</summary>
    public static int Of(Graph graph)
    {
        // Sixteen channels lie together, as values and as gradients.
        const int Lanes = 16;
        var bytes = graph.Nodes.Sum(node =>
            node.Shape.Rank < 2
                ? 0
                : 2L
                    * sizeof(float)
                    * (node.Shape.ElementCount / node.Shape[0] / node.Shape[1])
                    * ((node.Shape[1] + Lanes - 1) / Lanes * Lanes)
        );
        return (int)Math.Clamp(MostBytes / Math.Max(bytes, 1), Fewest, int.MaxValue);
    }
}
