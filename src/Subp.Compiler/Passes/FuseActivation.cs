using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Moves a clamp into the convolution, linear layer or addition that produces its input, where nothing else reads that input. The clamp is
/// then applied while the result is still in registers. The fused node keeps the producer's name, unless the clamp is an output of the network.
/// </summary>
public sealed class FuseActivation : GraphPass
{
    /// <inheritdoc/>
    public override string Name => "fuse-activation";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (SoleClamp(graph, node) is { } clampNode && WithActivation(node.Operator, ((Activate)clampNode.Operator).Activation) is { } fused)
            {
                var name = graph.IsOutput(clampNode.Name) ? clampNode.Name : node.Name;
                rewriter.Add(node with { Name = name, Operator = fused });
                rewriter.Replace(node.Name, name);
                rewriter.Replace(clampNode.Name, name);
            }
            else if (node.Operator is Activate && graph.FindNode(node.Inputs[0]) is { } producer && SoleClamp(graph, producer) == node
                && WithActivation(producer.Operator, Activation.Relu) is not null)
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

    private static GraphNode? SoleClamp(Graph graph, GraphNode node)
    {
        var consumers = graph.ConsumersOf(node.Name);
        return !graph.IsOutput(node.Name) && consumers.Count == 1 && consumers[0].Operator is Activate { Activation.IsClamp: true } ? consumers[0] : null;
    }

    private static Operator? WithActivation(Operator @operator, Activation activation) => @operator switch
    {
        Conv2d convolution when convolution.Activation == Activation.None => convolution with { Activation = activation },
        Linear linear when linear.Activation == Activation.None => linear with { Activation = activation },
        Add add when add.Activation == Activation.None => add with { Activation = activation },
        _ => null,
    };
}
