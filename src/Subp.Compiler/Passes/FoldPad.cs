using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Folds the rows and columns that a padding adds into the window of the convolution or pool that reads them, which costs nothing there.
/// Zeros fold into convolutions, and into averages that divide by the whole kernel; what cannot be the largest folds into maximum pools. A
/// padding that nothing reads any more is dropped.
/// </summary>
public sealed class FoldPad : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "fold-pad";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var folded = graph
            .Nodes.Select(node => (Node: node, Operator: Fold(graph, node)))
            .Where(entry => entry.Operator is not null)
            .ToDictionary(entry => entry.Node.Name, entry => entry.Operator!, StringComparer.Ordinal);
        if (folded.Count == 0)
            return graph;
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (folded.TryGetValue(node.Name, out var @operator))
                rewriter.Add(
                    node with
                    {
                        Operator = @operator,
                        Inputs = [graph.FindNode(node.Inputs[0])!.Inputs[0], .. node.Inputs.Skip(1)],
                    }
                );
            else if (
                node.Operator is Pad
                && !graph.IsOutput(node.Name)
                && graph.ConsumersOf(node.Name).All(consumer => folded.ContainsKey(consumer.Name))
            )
                rewriter.Drop();
            else
                rewriter.Keep(node);
        }

        return rewriter.Finish();
    }

    private static Operator? Fold(Graph graph, GraphNode node)
    {
        if (
            node.Inputs.Count == 0
            // Of bytes, the value around the image depends on the quantisation.
            || node.Type.Quantization is not null
            || graph.FindNode(node.Inputs[0]) is not { Operator: Pad { Mode: PadMode.Constant, Pads.Count: 4 } pad } padding
        )
            return null;
        switch (node.Operator)
        {
            // A second input is a residual; the padding may not be that too.
            case Conv2d convolution when pad.Value == 0 && !node.Inputs.Skip(1).Contains(padding.Name):
                return convolution with { Window = Wider(convolution.Window, pad.Padding) };
            case Pool2d { Kind: PoolKind.Average } pool
                when pad.Value == 0
                    && pool.Overhang == default
                    && (pool.CountIncludesPadding || pool.Window.Padding == Padding.None)
                    && Fits(Wider(pool.Window, pad.Padding)):
                return pool with { Window = Wider(pool.Window, pad.Padding), CountIncludesPadding = true };
            case Pool2d { Kind: PoolKind.Maximum } pool
                when pad.Value <= LeastOf(graph, padding.Inputs[0]) && Fits(Wider(pool.Window, pad.Padding)):
                return pool with { Window = Wider(pool.Window, pad.Padding) };
            default:
                return null;
        }
    }

    private static Window Wider(Window window, Padding padding) =>
        window with
        {
            Padding = new Padding(
                window.Padding.Top + padding.Top,
                window.Padding.Left + padding.Left,
                window.Padding.Bottom + padding.Bottom,
                window.Padding.Right + padding.Right
            ),
        };

    /// <summary>Every window of a pool must hold a pixel of the image, so the padding must be narrower than the window.</summary>
    private static bool Fits(Window window)
    {
        var (rows, columns) = ((window.Kernel.Height - 1) * window.Dilation.Height, (window.Kernel.Width - 1) * window.Dilation.Width);
        return Math.Max(window.Padding.Top, window.Padding.Bottom) <= rows
            && Math.Max(window.Padding.Left, window.Padding.Right) <= columns;
    }

    /// <summary>A bound below all elements of a value, as far as its activation tells.</summary>
    private static float LeastOf(Graph graph, string value)
    {
        Activation? activation = graph.FindNode(value)?.Operator switch
        {
            Activate activate => activate.Activation,
            Conv2d convolution => convolution.Activation,
            Add add => add.Activation,
            Mul product => product.Activation,
            BatchNorm normalization => normalization.Activation,
            _ => null,
        };
        return activation?.Kind switch
        {
            ActivationKind.Clamp => activation.Value.Minimum,
            ActivationKind.Sigmoid or ActivationKind.HardSigmoid => 0,
            _ => float.NegativeInfinity,
        };
    }
}
