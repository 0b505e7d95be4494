namespace Subp.Core.Graphs;

/// <summary>
/// The one description of a network: inputs, parameter declarations and nodes in an order in which every value is defined before it is
/// used. Immutable; passes build a changed copy.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphInput> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Parameter> _parameters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<GraphNode>> _consumers = new(StringComparer.Ordinal);

    /// <summary>Creates a graph. Nothing is checked here: <see cref="GraphVerifier"/> does that.</summary>
    public Graph(
        string name,
        IReadOnlyList<GraphInput> inputs,
        IReadOnlyList<Parameter> parameters,
        IReadOnlyList<GraphNode> nodes,
        IReadOnlyList<string> outputs,
        ModelMetadata? metadata = null
    )
    {
        Name = name;
        Inputs = inputs;
        Parameters = parameters;
        Nodes = nodes;
        Outputs = outputs;
        Metadata = metadata ?? ModelMetadata.Empty;
        foreach (var input in inputs)
            _inputs[input.Name] = input;
        foreach (var parameter in parameters)
            _parameters[parameter.Name] = parameter;
        foreach (var node in nodes)
        {
            _nodes[node.Name] = node;
            foreach (var input in node.Inputs)
            {
                if (!_consumers.TryGetValue(input, out var consumers))
                    _consumers[input] = consumers = [];
                if (consumers.Count == 0 || !ReferenceEquals(consumers[consumers.Count - 1], node))
                    consumers.Add(node);
            }
        }
    }

    /// <summary>The name of the network.</summary>
    public string Name { get; }

    /// <summary>The inputs, in the order of the interface.</summary>
    public IReadOnlyList<GraphInput> Inputs { get; }

    /// <summary>The weight declarations.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The nodes, each after the producers of its inputs.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>The names of the values that the network returns.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>Class names and input normalisation.</summary>
    public ModelMetadata Metadata { get; }

    /// <summary>The structure hash once it was computed. The graph never changes, and every emitted file asks for it.</summary>
    internal string? KnownStructureHash { get; set; }

    /// <summary>The node that produces a value, or null where it is an input or not defined.</summary>
    public GraphNode? FindNode(string name) => _nodes.TryGetValue(name, out var node) ? node : null;

    /// <summary>The declaration of a parameter, or null.</summary>
    public Parameter? FindParameter(string name) => _parameters.TryGetValue(name, out var parameter) ? parameter : null;

    /// <summary>The declaration of a parameter.</summary>
    /// <exception cref="KeyNotFoundException">The graph declares no such parameter.</exception>
    public Parameter Parameter(string name) => FindParameter(name) ?? throw new KeyNotFoundException($"No parameter '{name}'.");

    /// <summary>The shape of an input or node value.</summary>
    /// <exception cref="KeyNotFoundException">The graph defines no such value.</exception>
    public TensorShape ShapeOf(string value) =>
        _nodes.TryGetValue(value, out var node) ? node.Shape
        : _inputs.TryGetValue(value, out var input) ? input.Shape
        : throw new KeyNotFoundException($"No value '{value}'.");

    /// <summary>The type of an input or node value.</summary>
    /// <exception cref="KeyNotFoundException">The graph defines no such value.</exception>
    public TensorType TypeOf(string value) =>
        _nodes.TryGetValue(value, out var node) ? node.Type
        : _inputs.TryGetValue(value, out var input) ? input.Type
        : throw new KeyNotFoundException($"No value '{value}'.");

    /// <summary>True where a value or a parameter holds bytes or integers.</summary>
    public bool IsQuantized =>
        Inputs.Any(input => input.Type.Quantization is not null)
        || Nodes.Any(node => node.Type.Quantization is not null)
        || Parameters.Any(parameter => parameter.Element != ElementType.Float32);

    /// <summary>The layout of an input or node value; inputs are <see cref="Layout.Nchw"/>.</summary>
    public Layout LayoutOf(string value) => _nodes.TryGetValue(value, out var node) ? node.Layout : Layout.Nchw;

    /// <summary>True where a value is an input of the network.</summary>
    public bool IsInput(string value) => _inputs.ContainsKey(value);

    /// <summary>True where a value is an output of the network.</summary>
    public bool IsOutput(string value) => Outputs.Contains(value);

    /// <summary>The nodes that read a value, in graph order, each once.</summary>
    public IReadOnlyList<GraphNode> ConsumersOf(string value) => _consumers.TryGetValue(value, out var consumers) ? consumers : [];

    /// <summary>A copy with some parts replaced; a part that is null stays.</summary>
    public Graph With(
        string? name = null,
        IReadOnlyList<GraphInput>? inputs = null,
        IReadOnlyList<Parameter>? parameters = null,
        IReadOnlyList<GraphNode>? nodes = null,
        IReadOnlyList<string>? outputs = null,
        ModelMetadata? metadata = null
    ) => new(name ?? Name, inputs ?? Inputs, parameters ?? Parameters, nodes ?? Nodes, outputs ?? Outputs, metadata ?? Metadata);

    /// <summary>A copy whose parameters declare neither blocks nor bits: the dense parent of a pruned network.</summary>
    public Graph WithDenseParameters() =>
        With(parameters: [.. Parameters.Select(parameter => parameter with { Pattern = null, Bits = null })]);
}
