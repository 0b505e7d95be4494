using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Gives every value a memory layout and makes each conversion an explicit node. Images are blocked (lanes are channels); the network input
/// stays planar where only convolutions of few channels read it, since a block of 16 channels would be mostly empty; vectors are dense.
/// </summary>
public sealed class AssignLayouts : GraphPass
{
    /// <summary>Up to this many input channels a stem reads its input planar: above half a block the blocked form wastes little.</summary>
    private const int PlanarChannelLimit = 8;

    /// <inheritdoc/>
    public override string Name => "assign-layouts";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        var converted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var input in graph.Inputs)
        {
            var layout = InputLayout(graph, input);
            var name = UniqueName(graph, $"{input.Name}.{layout.ToString().ToLowerInvariant()}");
            rewriter.Add(new GraphNode(name, new ChangeLayout(), [input.Name], input.Shape, layout));
            rewriter.Replace(input.Name, name);
            converted.Add(name);
        }

        foreach (var node in graph.Nodes)
            rewriter.Add(node with { Layout = node.Shape.IsImage ? Layout.Blocked16 : Layout.Nchw });
        foreach (var output in graph.Outputs)
        {
            // An output that is an input has been converted once already, perhaps to the same layout.
            var name = UniqueName(graph, $"{output}.nchw");
            while (converted.Contains(name))
                name = UniqueName(graph, name + "_");
            rewriter.Add(new GraphNode(name, new ChangeLayout(), [output], graph.ShapeOf(output)));
            rewriter.Replace(output, name);
        }

        return rewriter.Finish();
    }

    private static Layout InputLayout(Graph graph, GraphInput input)
    {
        if (!input.Shape.IsImage)
            return Layout.Nchw;
        var consumers = graph.ConsumersOf(input.Name);
        var onlyConvolutions = consumers.All(node =>
            node.Operator is Conv2d { Groups: 1 } && node.Inputs[0] == input.Name && node.Inputs.Count == 1
        );
        return onlyConvolutions && consumers.Count > 0 && input.Shape.Channels <= PlanarChannelLimit ? Layout.Planar : Layout.Blocked16;
    }
}
