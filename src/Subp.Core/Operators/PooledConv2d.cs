using Subp.Core.Graphs;

namespace Subp.Core.Operators;

/// <summary>
/// A convolution and the maximum pooling behind it as one step, whose kernel never stores what lies between them. The compiler makes it of
/// two nodes when it plans; it has no text form, since a network is the same without it. Inputs: the image.
/// </summary>
public sealed record PooledConv2d : Operator
{
    /// <summary>The convolution, on floats and without a residual.</summary>
    public required Conv2d Convolution { get; init; }

    /// <summary>The maximum pooling of its result.</summary>
    public required Pool2d Pool { get; init; }

    /// <inheritdoc/>
    public override string Mnemonic => "pooled_conv2d";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterUse> Parameters => Convolution.Parameters;

    /// <summary>The shape of what is pooled.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="node">The node of this operator.</param>
    /// <exception cref="Diagnostics.SubpException">The shapes or attributes do not fit; the location is the node.</exception>
    public TensorShape ShapeBeforePool(Graph graph, GraphNode node) =>
        Convolution.InferShape(new ShapeContext(node.Name, [.. node.Inputs.Select(graph.ShapeOf)], graph.FindParameter));

    /// <inheritdoc/>
    public override TensorShape InferShape(ShapeContext context) =>
        Pool.InferShape(new ShapeContext(context.Node, [Convolution.InferShape(context)], context.Parameter));

    /// <inheritdoc/>
    public override Operator WithParameters(Func<ParameterUse, string> rename) =>
        this with
        {
            Convolution = (Conv2d)Convolution.WithParameters(rename),
        };
}
