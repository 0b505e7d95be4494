using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Convolutions;

/// <summary>What the families of convolutions ask of a node, and the groups over which its kernel runs.</summary>
internal static class ConvolutionShapes
{
    /// <summary>
    /// Weights of more floats than this are fetched ahead: 128 KB. In a network other layers have passed through the second-level cache
    /// since a layer's weights were last read, so that what would fit there is not there.
    /// </summary>
    public const int StreamedWeights = 32 * 1024;

    /// <summary>True for a convolution of one filter per channel.</summary>
    public static bool IsDepthwise(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: > 1 } convolution
        // Nothing packs the blocks of such a weight, and no kernel reads them.
        && graph.Parameter(convolution.Weight).Pattern is null
        && node.Inputs.Count == 1
        && convolution.Groups == node.Shape.Channels
        && convolution.Groups == graph.ShapeOf(node.Inputs[0]).Channels;

    /// <summary>True for a linear layer over vectors whose weight has a pattern of blocks.</summary>
    public static bool IsSparseLinear(Graph graph, GraphNode node) =>
        node.Operator is Linear linear && graph.ShapeOf(node.Inputs[0]).IsVector && graph.Parameter(linear.Weight).Pattern is not null;

    /// <summary>True where hints may choose the kernel.</summary>
    public static bool HasChoices(Graph graph, GraphNode node) =>
        node.Operator switch
        {
            Conv2d convolution => convolution.Groups == 1 || convolution.Groups != node.Shape.Channels,
            Linear linear => graph.Parameter(linear.Weight).Pattern is not null,
            PooledConv2d => true,
            _ => false,
        };

    /// <summary>The layer as a convolution: a linear layer is one of one pixel.</summary>
    public static Conv2d Of(GraphNode node) =>
        node.Operator is Linear linear
            ? new Conv2d
            {
                Weight = linear.Weight,
                Bias = linear.Bias,
                Window = Window.Square(1),
                Activation = linear.Activation,
            }
            : (Conv2d)node.Operator;

    /// <summary>The pattern that a convolution runs over, and whether it is one of pruned blocks.</summary>
    public static (BlockPattern Pattern, bool IsSparse) PatternOf(Graph graph, GraphNode node)
    {
        var convolution = Of(node);
        var weight = graph.Parameter(convolution.Weight);
        var pattern = weight.Pattern ?? DensePattern(node.Shape.Channels, graph.ShapeOf(node.Inputs[0]).Channels, convolution.Groups);
        return (pattern, weight.Pattern is { IsFull: false } && convolution.Groups == 1);
    }

    /// <summary>
    /// The block length of dense and grouped convolutions. Two vectors of 16 channels share every broadcast pixel, which matters where
    /// loads are what limits a kernel (Cascade Lake: 89 % of the peak instead of 67 %); groups of channels and what 32 does not divide take
    /// one block of the layout at a time.
    /// </summary>
    public static int DenseBlockLength(int outputs, int groups) => groups == 1 && outputs % 32 == 0 ? 32 : 16;

    /// <summary>
    /// The groups of a convolution without pruned blocks: full, or for grouped convolutions the channels that 16 outputs read.
    /// </summary>
    public static BlockPattern DensePattern(int outputs, int inputs, int groups)
    {
        var kept = new List<IReadOnlyList<int>>();
        var (outputsPerGroup, inputsPerGroup) = (outputs / groups, inputs / groups);
        var blockLength = DenseBlockLength(outputs, groups);
        for (var first = 0; first < outputs; first += blockLength)
        {
            var firstGroup = first / outputsPerGroup;
            var lastGroup = (Math.Min(first + blockLength, outputs) - 1) / outputsPerGroup;
            kept.Add([.. Enumerable.Range(firstGroup * inputsPerGroup, (lastGroup - firstGroup + 1) * inputsPerGroup)]);
        }

        return new BlockPattern(blockLength, inputs, kept);
    }
}
