using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Moves a residual addition into the convolution that produces one of its operands: the later of the two that nothing else reads and that
/// has no activation yet. The other operand becomes the second input, read once, when the result is still in registers. A convolution of
/// bytes goes on rounding its own result first, so that the bytes stay what they were.
/// </summary>
public sealed class FuseResidual : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-residual";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var position = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
            position[node.Name] = position.Count;
        var additions = new Dictionary<string, GraphNode>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is not Add || node.Inputs[0] == node.Inputs[1] || !IsSumOfImages(graph, node))
                continue;
            var host = node
                .Inputs.Where(input => CanHost(graph, input) && !additions.ContainsKey(input))
                .OrderByDescending(input => position[input])
                .FirstOrDefault();
            // The other operand must exist before the host runs.
            if (host is not null && Position(position, Other(node, host)) < position[host])
                additions[host] = node;
        }

        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (additions.TryGetValue(node.Name, out var addition))
            {
                var convolution = (Conv2d)node.Operator;
                var name = graph.IsOutput(addition.Name) ? addition.Name : node.Name;
                rewriter.Add(
                    node with
                    {
                        Name = name,
                        Type = addition.Type,
                        Operator = convolution with
                        {
                            Activation = ((Add)addition.Operator).Activation,
                            RoundedFirst = node.Type.Quantization,
                        },
                        Inputs = [node.Inputs[0], Other(addition, node.Name)],
                    }
                );
                rewriter.Replace(node.Name, name);
                rewriter.Replace(addition.Name, name);
            }
            else if (node.Operator is Add && node.Inputs.Any(input => additions.TryGetValue(input, out var fused) && fused == node))
            {
                rewriter.Drop();
            }
            else
            {
                rewriter.Keep(node);
            }
        }

        return rewriter.Finish();
    }

    private static bool IsSumOfImages(Graph graph, GraphNode addition) =>
        addition.Inputs.All(input => graph.ShapeOf(input).Equals(addition.Shape))
        && (addition.Type.Quantization is null ? KernelFamilies.AcceptsImages(graph, addition) : addition.Shape.IsImage);

    /// <summary>
    /// A depthwise layer hosts nothing: its kernel takes no residual, and the one that does would compute 16 times as much.
    /// </summary>
    private static bool CanHost(Graph graph, string value) =>
        graph.FindNode(value) is { Operator: Conv2d convolution, Inputs.Count: 1 } host
        && (convolution.Groups == 1 || convolution.Groups != host.Shape.Channels)
        && convolution.Activation == Activation.None
        // A layer that reads bytes and returns floats would add floats to 32-bit integers.
        && (graph.TypeOf(host.Inputs[0]).Quantization is null) == (host.Type.Quantization is null)
        && !graph.IsOutput(value)
        && graph.ConsumersOf(value).Count == 1;

    private static string Other(GraphNode addition, string operand) =>
        addition.Inputs[0] == operand ? addition.Inputs[1] : addition.Inputs[0];

    private static int Position(Dictionary<string, int> position, string value) => position.TryGetValue(value, out var index) ? index : -1;
}
