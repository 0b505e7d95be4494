using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// The maximum pooling behind a stem that is computed with it, row of tiles by row of tiles: the pixels of a row of tiles are pooled while
/// they are in the second-level cache, and the map between the two, which is the largest of the network, never goes through memory.
/// </summary>
internal static class WinogradPool
{
    /// <summary>Rows of tiles whose pixels are kept: the one that is pooled, and the one before, whose last pixels it reads.</summary>
    public const int RowsOfTilesKept = 2;

    /// <summary>
    /// Every thread computes a row of tiles twice: of 28 rows, as in most networks, among more threads than this that takes longer than the
    /// pool of its own.
    /// </summary>
    public const int MostThreads = 8;

    /// <summary>Fewer tiles in a row than this leave units idle, since the tiles of two rows do not share a block.</summary>
    private const int LeastColumns = 7;

    /// <summary>The pooling that a reader is, where it can be computed with a stem; else null.</summary>
    /// <param name="stem">A convolution by phases.</param>
    /// <param name="reader">The only node that reads it.</param>
    /// <param name="transform">The transform of the stem.</param>
    public static Pool2d? Of(GraphNode stem, GraphNode reader, WinogradTransform transform) =>
        reader.Operator is Pool2d { Kind: PoolKind.Maximum, Window: var window } pool
        && reader.Type.Quantization is null
        && reader.Layout == stem.Layout
        && window.Kernel == new Extent(3, 3)
        && window.Stride == new Extent(2, 2)
        && window.Dilation == Extent.One
        && window.Padding is { Top: 1, Left: 1 }
        // Every row of tiles gives two rows of the result, or one where the image ends.
        && transform.OutputSize == 4
        && transform.Tiles(stem.Shape.Width) >= LeastColumns
        && reader.Shape.Height == (stem.Shape.Height + 1) / 2
        && reader.Shape.Width == (stem.Shape.Width + 1) / 2
            ? pool
            : null;

    /// <summary>The bytes of the rows that a thread keeps.</summary>
    /// <param name="convolved">The shape of the result of the stem.</param>
    /// <param name="transform">The transform of the stem.</param>
    public static long KeptBytes(TensorShape convolved, WinogradTransform transform) =>
        (long)RowsOfTilesKept
        * transform.OutputSize
        * transform.Tiles(convolved.Width)
        * transform.OutputSize
        * ((convolved.Channels + 15) / 16 * 16)
        * sizeof(float);

    /// <summary>The convolution of a node that is both.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">A node that is a convolution with its pooling.</param>
    public static GraphNode Stem(Graph graph, GraphNode node)
    {
        var pooled = (PooledConv2d)node.Operator;
        return node with { Operator = pooled.Convolution, Shape = pooled.ShapeBeforePool(graph, node) };
    }
}
