using Subp.Compiler.Families.Convolutions;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Compiler.Families.Winograd;

/// <summary>
/// Convolutions of stride 2 in the Winograd domain, by phases: pixels of even and odd rows and columns are channels of their own, four for
/// each, and a kernel of 7 x 7 taps becomes one of 4 x 4 over them, at stride 1. Stems of networks are such: their three channels are
/// twelve phases, which fill a block of sixteen lanes.
/// </summary>
internal static class WinogradPhases
{
    private const int Phases = 4;

    /// <summary>The transform of a convolution by phases, or null where it has none.</summary>
    public static WinogradTransform? TransformOf(Graph graph, GraphNode node) =>
        node.Operator is Conv2d { Groups: 1, Activation.IsClamp: true } convolution
        && node.Inputs.Count == 1
        && graph.LayoutOf(node.Inputs[0]) == Layout.Planar
        && graph.ShapeOf(node.Inputs[0]).Channels * Phases <= 16
        && graph.Parameter(convolution.Weight).Pattern is null
        && convolution.Window is { Kernel: { Height: 7 or 8 } kernel, Stride: var stride, Dilation: var dilation }
        && kernel.Width == kernel.Height
        && stride == new Extent(2, 2)
        && dilation == Extent.One
            ? WinogradTransform.FourByFour
            : null;

    /// <summary>The groups of such a convolution over the phases of its input channels.</summary>
    public static BlockPattern PatternOf(Graph graph, GraphNode node) =>
        ConvolutionShapes.DensePattern(node.Shape.Channels, graph.ShapeOf(node.Inputs[0]).Channels * Phases, groups: 1);
}
