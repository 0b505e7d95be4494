using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Takes every reshape apart into copies that kernels exist for: an image to a vector of the same batch, which is flattening, a vector to
/// an image of the same batch, and one dense vector of everything to and from any batch. What keeps the shape disappears. Values of other
/// ranks are dense, where a reshape moves nothing.
/// </summary>
public sealed class LowerReshape : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "lower-reshape";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        var outputs = new HashSet<string>(graph.Outputs, StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not Reshape || !KernelFamilies.AcceptsImages(graph, node))
                rewriter.Keep(node);
            else if (node.Shape.Equals(graph.ShapeOf(node.Inputs[0])))
                Drop(graph, rewriter, outputs, node);
            else
                Lower(graph, rewriter, node);
        }

        return rewriter.Finish();
    }

    // Two outputs are two values: where the value that a reshape passes on is an output already, the reshape is a copy.
    private static void Drop(Graph graph, GraphRewriter rewriter, HashSet<string> outputs, GraphNode node)
    {
        if (graph.IsOutput(node.Name) && !outputs.Add(rewriter.Current(node.Inputs[0])))
            rewriter.Add(node with { Operator = Slice.Whole(node.Shape) });
        else
            rewriter.Replace(node.Name, node.Inputs[0]);
    }

    private static void Lower(Graph graph, GraphRewriter rewriter, GraphNode node)
    {
        var (value, source, target) = (node.Inputs[0], graph.ShapeOf(node.Inputs[0]), node.Shape);
        var vector = new TensorShape(source.Batch, source.ElementCount / source.Batch);
        if (source.Batch != target.Batch)
            vector = new TensorShape(1, source.ElementCount);
        if (!source.Equals(vector) && !target.Equals(vector))
        {
            var name = UniqueName(graph, $"{node.Name}.flat");
            rewriter.Add(Step(name, value, source, vector));
            (value, source) = (name, vector);
        }

        rewriter.Add(Step(node.Name, value, source, target));
    }

    private static GraphNode Step(string name, string value, TensorShape source, TensorShape target) =>
        target.IsVector && source.Batch == target.Batch
            ? new GraphNode(name, new Flatten(), [value], target)
            : new GraphNode(name, new Reshape(target.Dimensions), [value], target);
}
