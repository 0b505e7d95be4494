using Subp.Core.Operators;

namespace Subp.Core.Graphs;

/// <summary>One operation of a graph and the one value it produces; the value bears the name of the node.</summary>
public sealed record GraphNode
{
    /// <summary>Creates a node.</summary>
    public GraphNode(string name, Operator @operator, IReadOnlyList<string> inputs, TensorShape shape, Layout layout = Layout.Nchw)
    {
        Name = name;
        Operator = @operator;
        Inputs = inputs;
        Shape = shape;
        Layout = layout;
    }

    /// <summary>The name of the node and of the value it produces.</summary>
    public string Name { get; init; }

    /// <summary>What is computed.</summary>
    public Operator Operator { get; init; }

    /// <summary>The names of the values it reads, in the order of the operator's operands.</summary>
    public IReadOnlyList<string> Inputs { get; init; }

    /// <summary>The shape of the value it produces.</summary>
    public TensorShape Shape { get; init; }

    /// <summary>The type of the value it produces.</summary>
    public TensorType Type { get; init; } = TensorType.Float32;

    /// <summary>How the value it produces lies in memory.</summary>
    public Layout Layout { get; init; }
}
