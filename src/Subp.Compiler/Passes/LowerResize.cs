using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Takes an interpolating resize along several axes apart into one per axis: interpolation is a linear map along each, so that the results
/// are the same, a pixel of a cubic one takes eight products instead of sixteen, and a kernel needs to know one axis only. The axis that
/// shrinks most comes first, so that the others have less to do.
/// </summary>
public sealed class LowerResize : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "lower-resize";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (
                node.Operator is Resize { Mode: not ResizeMode.Nearest } resize
                && Axes(resize, graph.ShapeOf(node.Inputs[0])) is { Count: > 1 } axes
            )
                Lower(graph, rewriter, names, node, resize, axes);
            else
                rewriter.Keep(node);
        }

        return rewriter.Finish();
    }

    private static List<int> Axes(Resize resize, TensorShape shape) =>
        [
            .. Enumerable
                .Range(0, shape.Rank)
                .Where(axis => !ResizeTaps.IsIdentity(ResizeTaps.Of(resize, axis, shape[axis]), shape[axis]))
                .OrderBy(axis => (double)resize.Sizes[axis] / shape[axis]),
        ];

    private static void Lower(Graph graph, GraphRewriter rewriter, HashSet<string> names, GraphNode node, Resize resize, List<int> axes)
    {
        var value = node.Inputs[0];
        int[] sizes = [.. graph.ShapeOf(value).Dimensions];
        for (var index = 0; index < axes.Count; index++)
        {
            var axis = axes[index];
            sizes[axis] = resize.Sizes[axis];
            var name = node.Name;
            if (index < axes.Count - 1)
            {
                name = UniqueName(graph, FormattableString.Invariant($"{node.Name}.axis{axis}"));
                while (!names.Add(name))
                    name = UniqueName(graph, name + "_");
            }

            rewriter.Add(new GraphNode(name, Along(resize, sizes, axis), [value], new TensorShape([.. sizes])));
            value = name;
        }
    }

    // The other axes keep their extents: a scale of one.
    private static Resize Along(Resize resize, int[] sizes, int axis) =>
        resize with
        {
            Sizes = new EquatableList<int>(sizes),
            Scales =
                resize.Scales.Count == 0
                    ? EquatableList<float>.Empty
                    : new EquatableList<float>(resize.Scales.Select((scale, other) => other == axis ? scale : 1)),
        };
}
