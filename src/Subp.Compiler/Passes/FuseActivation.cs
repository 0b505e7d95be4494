using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Compiler.Passes;

/// <summary>
/// Moves an activation into the convolution, linear layer, addition, product or normalisation that produces its input, where nothing else
/// reads that input. It is then applied while the result is in registers or in the nearest cache. The fused node keeps the producer's name,
/// unless the activation is an output of the network.
/// </summary>
public sealed class FuseActivation : GraphPass
{
    /// <summary>Whether other functions than clamps stay nodes of their own: layers of bytes apply nothing but clamps.</summary>
    public bool ClampsOnly { get; init; }

    /// <inheritdoc/>
    public override string Name => "fuse-activation";

    /// <inheritdoc/>
    public override Graph Run(Graph graph)
    {
        var rewriter = new GraphRewriter(graph);
        foreach (var node in graph.Nodes)
        {
            if (
                SoleActivation(graph, node) is { } follower
                && WithActivation(node.Operator, ((Activate)follower.Operator).Activation) is { } fused
            )
            {
                var name = graph.IsOutput(follower.Name) ? follower.Name : node.Name;
                rewriter.Add(node with { Name = name, Operator = fused });
                rewriter.Replace(node.Name, name);
                rewriter.Replace(follower.Name, name);
            }
            else if (
                node.Operator is Activate
                && graph.FindNode(node.Inputs[0]) is { } producer
                && SoleActivation(graph, producer) == node
                && WithActivation(producer.Operator, Activation.Relu) is not null
            )
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

    private GraphNode? SoleActivation(Graph graph, GraphNode node)
    {
        var consumers = graph.ConsumersOf(node.Name);
        return
            !graph.IsOutput(node.Name)
            && consumers.Count == 1
            && consumers[0].Operator is Activate follower
            && (follower.Activation.IsClamp || !(ClampsOnly || ReadsBytes(graph, node)))
            // On bytes a fused activation would drop a rounding.
            && consumers[0].Type.Quantization is null
            ? consumers[0]
            : null;
    }

    // Such a layer clamps its sums, also where it returns the floats that they stand for.
    private static bool ReadsBytes(Graph graph, GraphNode node) => node.Inputs.Any(input => graph.TypeOf(input).Quantization is not null);

    private static Operator? WithActivation(Operator @operator, Activation activation) =>
        @operator switch
        {
            Conv2d convolution when convolution.Activation == Activation.None => convolution with { Activation = activation },
            Linear linear when linear.Activation == Activation.None => linear with { Activation = activation },
            Add add when add.Activation == Activation.None => add with { Activation = activation },
            Mul product when product.Activation == Activation.None => product with { Activation = activation },
            BatchNorm normalization when normalization.Activation == Activation.None => normalization with { Activation = activation },
            _ => null,
        };
}
