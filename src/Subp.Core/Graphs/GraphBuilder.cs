using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.Core.Graphs;

/// <summary>Builds a graph node by node; shapes are inferred and checked as each node is added.</summary>
public sealed class GraphBuilder(string name)
{
    private readonly List<GraphInput> _inputs = [];
    private readonly List<Parameter> _parameters = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly List<string> _outputs = [];
    private readonly Dictionary<string, TensorShape> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorType> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Parameter> _declared = new(StringComparer.Ordinal);

    /// <summary>Class names and input normalisation of the network.</summary>
    public ModelMetadata Metadata { get; set; } = ModelMetadata.Empty;

    /// <summary>Declares an input of single-precision numbers and returns its name.</summary>
    public string Input(string input, TensorShape shape) => Input(input, shape, TensorType.Float32);

    /// <summary>Declares an input and returns its name.</summary>
    public string Input(string input, TensorShape shape, TensorType type)
    {
        Define(input, shape, type);
        _inputs.Add(new GraphInput(input, shape) { Type = type });
        return input;
    }

    /// <summary>Declares a parameter of single-precision numbers and returns its name.</summary>
    public string Parameter(string parameter, TensorShape shape, BlockPattern? pattern = null) =>
        Parameter(parameter, shape, ElementType.Float32, pattern);

    /// <summary>Declares a parameter and returns its name.</summary>
    public string Parameter(string parameter, TensorShape shape, ElementType element, BlockPattern? pattern = null) =>
        Parameter(new Parameter(parameter, shape, pattern) { Element = element });

    /// <summary>Declares a parameter and returns its name.</summary>
    public string Parameter(Parameter declaration)
    {
        var parameter = declaration.Name;
        if (_declared.ContainsKey(parameter))
            throw new SubpException(
                DiagnosticDescriptors.DuplicateName,
                $"parameter '{parameter}'",
                "a second declaration",
                "one declaration"
            );
        declaration.Pattern?.RequireFits(parameter, declaration.Shape);
        StoredBits.RequireFits(declaration);
        _declared[parameter] = declaration;
        _parameters.Add(declaration);
        return parameter;
    }

    /// <summary>Adds a node and returns its name.</summary>
    /// <exception cref="SubpException">A name is undefined or defined twice, or shapes do not fit.</exception>
    public string Node(string node, Operator @operator, params string[] inputs) => Node(node, @operator, inputs, Layout.Nchw);

    /// <summary>Adds a node with a memory layout and returns its name.</summary>
    /// <exception cref="SubpException">A name is undefined or defined twice, or shapes do not fit.</exception>
    public string Node(string node, Operator @operator, IReadOnlyList<string> inputs, Layout layout) =>
        Node(node, @operator, inputs, layout, declared: null);

    /// <summary>Adds a node whose result has a declared type, for operators that requantise, and returns its name.</summary>
    /// <exception cref="SubpException">A name is undefined or defined twice, or shapes or types do not fit.</exception>
    public string Node(string node, Operator @operator, Quantization result, params string[] inputs) =>
        Node(node, @operator, inputs, Layout.Nchw, new TensorType(result));

    /// <summary>Adds a node with a memory layout and a type, which the operator infers where it is null, and returns its name.</summary>
    /// <exception cref="SubpException">A name is undefined or defined twice, or shapes or types do not fit.</exception>
    public string Node(string node, Operator @operator, IReadOnlyList<string> inputs, Layout layout, TensorType? declared)
    {
        var shape = GraphVerifier.InferShape(node, @operator, inputs, FindShape, FindParameter);
        var type = GraphVerifier.InferType(
            node,
            @operator,
            [.. inputs.Select(TypeOf)],
            [.. inputs.Select(ShapeOf)],
            declared,
            FindParameter
        );
        Define(node, shape, type);
        _nodes.Add(new GraphNode(node, @operator, inputs, shape, layout) { Type = type });
        return node;
    }

    /// <summary>Adds a convolution whose weight is <c>{node}.weight</c> and, if wanted, whose bias is <c>{node}.bias</c>.</summary>
    public string Conv2d(
        string node,
        string input,
        int outputChannels,
        Window window,
        int groups = 1,
        bool bias = false,
        BlockPattern? pattern = null,
        Activation? activation = null
    )
    {
        var inputChannels = ShapeOf(input).Channels;
        var weight = Parameter(
            $"{node}.weight",
            new TensorShape(outputChannels, Math.Max(1, inputChannels / Math.Max(1, groups)), window.Kernel.Height, window.Kernel.Width),
            pattern
        );
        return Node(
            node,
            new Conv2d
            {
                Weight = weight,
                Bias = bias ? Parameter($"{node}.bias", new TensorShape(outputChannels)) : null,
                Window = window,
                Groups = groups,
                Activation = activation ?? Activation.None,
            },
            input
        );
    }

    /// <summary>Adds a batch normalisation with parameters <c>{node}.scale</c>, <c>.shift</c>, <c>.mean</c> and <c>.variance</c>.</summary>
    public string BatchNorm(string node, string input)
    {
        var channels = new TensorShape(ShapeOf(input).Channels);
        return Node(
            node,
            new BatchNorm
            {
                Scale = Parameter($"{node}.scale", channels),
                Shift = Parameter($"{node}.shift", channels),
                Mean = Parameter($"{node}.mean", channels),
                Variance = Parameter($"{node}.variance", channels),
            },
            input
        );
    }

    /// <summary>Adds a linear layer whose weight is <c>{node}.weight</c> and whose bias is <c>{node}.bias</c>.</summary>
    public string Linear(string node, string input, int outputFeatures, BlockPattern? pattern = null) =>
        Node(
            node,
            new Linear
            {
                Weight = Parameter($"{node}.weight", new TensorShape(outputFeatures, ShapeOf(input).Channels), pattern),
                Bias = Parameter($"{node}.bias", new TensorShape(outputFeatures)),
            },
            input
        );

    /// <summary>The shape of a value defined so far.</summary>
    /// <exception cref="SubpException">The value is not defined.</exception>
    public TensorShape ShapeOf(string value) =>
        FindShape(value)
        ?? throw new SubpException(DiagnosticDescriptors.UndefinedName, "", $"the value '{value}'", "a value defined earlier");

    /// <summary>The type of a value defined so far.</summary>
    /// <exception cref="SubpException">The value is not defined.</exception>
    public TensorType TypeOf(string value)
    {
        _ = ShapeOf(value);
        return _types[value];
    }

    /// <summary>Declares a value to be an output of the network.</summary>
    public void Output(string value)
    {
        _ = ShapeOf(value);
        _outputs.Add(value);
    }

    /// <summary>The finished graph.</summary>
    public Graph Build() => new(name, [.. _inputs], [.. _parameters], [.. _nodes], [.. _outputs], Metadata);

    private TensorShape? FindShape(string value) => _values.TryGetValue(value, out var shape) ? shape : null;

    /// <summary>The declaration of a parameter so far, or null.</summary>
    public Parameter? FindParameter(string parameter) => _declared.TryGetValue(parameter, out var declaration) ? declaration : null;

    private void Define(string value, TensorShape shape, TensorType type)
    {
        if (_values.ContainsKey(value))
            throw new SubpException(DiagnosticDescriptors.DuplicateName, $"value '{value}'", "a second definition", "one definition");
        (_values[value], _types[value]) = (shape, type);
    }
}
