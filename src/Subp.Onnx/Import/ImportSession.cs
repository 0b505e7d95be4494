using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Import.Folding;
using Subp.Onnx.Import.Inlining;
using Subp.Onnx.Import.Volumes;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Import;

/// <summary>One import: walks the nodes in order and keeps what every ONNX name stands for.</summary>
internal sealed class ImportSession
{
    private readonly ModelProto _model;
    private readonly ImportOptions _options;
    private readonly GraphBuilder _builder;
    private readonly ExternalData _external;
    private readonly ParameterStore _parameters;
    private readonly UniqueNames _valueNames = new();
    private readonly Dictionary<string, ImportedValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<NodeProto> _absorbed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, (Operator Operator, IReadOnlyList<GraphValue> Inputs)> _producers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _constantNodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, float[]> _scales = new(StringComparer.Ordinal);
    private readonly long _foldedAllowed;
    private long _folded;

    // Shape arithmetic is a few numbers per node, and weights are turned a few times; far more elements than bytes of file are no honest
    // model.
    private const int FoldedAlways = 1 << 24;
    private const int FoldedPerByte = 4;

    /// <summary>Prepares the import of a model.</summary>
    /// <exception cref="SubpException">The opset is not supported or the graph is not valid.</exception>
    public ImportSession(ModelProto model, string fileName, long fileBytes, ImportOptions options)
    {
        _model = model;
        _options = options;
        Opset = ModelParser.Opset(model);
        Index = new GraphIndex(FusedOperators.Expand(Functions.Inline(model, Opset)), options.Outputs);
        UnsupportedNodes.Refuse(Index.Nodes, Opset);
        _builder = new GraphBuilder(GraphName.Of(model.Graph.Name, fileName));
        _external = new ExternalData(options.OpenExternalData);
        _parameters = new ParameterStore(_builder, _external, fileBytes);
        _foldedAllowed = FoldedAlways + (FoldedPerByte * fileBytes);
        foreach (var name in Index.ValueNames)
            _valueNames.Reserve(name);
    }

    /// <summary>The version of the standard operators.</summary>
    public int Opset { get; }

    /// <summary>Producers, consumers and order.</summary>
    public GraphIndex Index { get; }

    /// <summary>Imports the model.</summary>
    /// <exception cref="SubpException">Some part of the model is not supported or not valid.</exception>
    public Model Run()
    {
        _builder.Metadata = ModelMetadataText.Read(_model.MetadataProps);
        var inputs = InputShapes.Resolve(Index.Inputs, _options);
        // An input of bytes is of the scale and zero point that its readers name, and these may be the results of nodes.
        foreach (var node in Index.Nodes.Take(Index.ConstantNodeCount))
            Import(node);
        foreach (var (name, shape, element) in inputs)
            _values[name] = Input(name, shape, element);
        foreach (var node in Index.Nodes.Skip(Index.ConstantNodeCount))
            Import(node);

        var outputs = Index.Outputs.Select(output => (Onnx: output, Graph: OutputValue(output))).ToList();
        foreach (var (_, graph) in outputs)
            _builder.Output(graph);
        string[] reserved = [.. outputs.Select(output => output.Onnx)];
        var lifted = VolumeFrames.Lift(ImageLines.Lift(_builder.Build(), reserved), reserved);
        var result = OutputNames.Restore(UnusedParts.Remove(lifted), outputs);
        GraphVerifier.Verify(result);
        var model = new Model(result, UnusedParts.Remove(_parameters.Weights, result));
        return IntegerFusion.Apply(model, parameter => _parameters.Origin(parameter) is { } constant ? ScalesOf(constant) : null);
    }

    // The caller hands over bytes: of the quantisation that their readers name, or else numbers, which are exact. Signed bytes are taken
    // as unsigned ones, 128 larger.
    private GraphValue Input(string name, TensorShape shape, DataType element)
    {
        if (element is not (DataType.Uint8 or DataType.Int8))
            return new GraphValue(_builder.Input(name, shape), shape);
        var isSigned = element == DataType.Int8;
        var named = ByteInputs.QuantizationOf(this, name, isSigned);
        var type = new TensorType(named ?? new Quantization(1, isSigned ? QuantizationReader.SignedOffset : 0));
        var bytes = new GraphValue(_builder.Input(name, shape, type), shape) { Kind = ElementKind.Byte, IsSigned = isSigned };
        return named is not null
            ? bytes
            : AddNode(UniqueValueName($"{name}.numbers"), new Dequantize(), [bytes]) with
            {
                Kind = ElementKind.Integer,
            };
    }

    /// <summary>Notes with which scales a constant was dequantised.</summary>
    public void NoteScales(string constant, float[] scales) => _scales[constant] = scales;

    /// <summary>The scales with which a constant was dequantised, or null.</summary>
    public float[]? ScalesOf(string constant) => _scales.GetValueOrDefault(constant);

    /// <summary>The type of a value of the graph.</summary>
    public TensorType TypeOf(GraphValue value) => _builder.TypeOf(value.Name);

    /// <summary>Adds the quantisation of a value under a name.</summary>
    public GraphValue AddBytes(string name, GraphValue value, Quantization quantization)
    {
        if (value.Constant is { } constant && _constantNodes.Add(value.Name))
            _builder.Node(value.Name, new Constant { Value = _parameters.DeclareValue(constant) });
        _builder.Node(name, new Quantize(), quantization, value.Name);
        _producers[name] = (new Quantize(), [value]);
        return new GraphValue(name, value.Shape) { Kind = ElementKind.Byte };
    }

    /// <summary>Imports one node, which may be one of a branch that is taken.</summary>
    public void Import(NodeProto node)
    {
        if (_absorbed.Contains(node))
            return;
        var context = new NodeContext(this, node);
        if (ConstantFolding.TryFold(context))
            return;
        OperatorTable.Find(node)!.Convert(context);
        context.Attributes.RejectOthers();
    }

    /// <summary>
    /// Makes a branch part of the network: its values get names that no other value has, and the names of its outputs are returned.
    /// </summary>
    public IReadOnlyList<string> Import(GraphProto branch)
    {
        UnsupportedNodes.Refuse(branch.Node, Opset);
        var names = NodeCopies
            .Defined(branch)
            .Where(name => name.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(name => name, UniqueValueName, StringComparer.Ordinal);
        foreach (var tensor in branch.Initializer.Where(tensor => tensor.Name.Length > 0))
            _values[names[tensor.Name]] = new ConstantValue(ConstantTensor.Create(names[tensor.Name], tensor, _external));
        foreach (var node in branch.Node)
            Import(NodeCopies.Renamed(node, names));
        return [.. branch.Output.Select(output => names.GetValueOrDefault(output.Name, output.Name))];
    }

    /// <summary>What a name stands for.</summary>
    /// <exception cref="SubpException">It is an output that its operator's converter does not provide.</exception>
    public ImportedValue Value(string name)
    {
        if (_values.TryGetValue(name, out var value))
            return value;
        if (Index.FindInitialiser(name) is { } initialiser)
            return _values[name] = new ConstantValue(ConstantTensor.Create(name, initialiser, _external));
        throw new SubpException(
            DiagnosticDescriptors.OnnxUnsupportedForm,
            $"value '{name}'",
            "the use of an output that only training or post-processing needs",
            "the use of first outputs only",
            "Export the model in evaluation mode."
        );
    }

    /// <summary>True where a name is already known to stand for a constant; constants come before all that depends on an input.</summary>
    public bool IsConstant(string name) => Index.FindInitialiser(name) is not null || _values.GetValueOrDefault(name) is ConstantValue;

    /// <summary>Says what a name stands for.</summary>
    public void Define(string name, ImportedValue value) =>
        _values[name] = value is GraphValue { Constant: { } tensor } ? new ConstantValue(tensor) : value;

    /// <summary>A constant as an operator reads it.</summary>
    public static GraphValue AsValue(ConstantTensor tensor) => new(tensor.Name, tensor.Shape) { Kind = tensor.Kind, Constant = tensor };

    /// <summary>Reads a tensor that is the attribute of a node.</summary>
    public ConstantTensor Constant(string name, TensorProto tensor) => ConstantTensor.Create(name, tensor, _external);

    /// <summary>Leaves out a node whose work another node does.</summary>
    public void Absorb(NodeProto node) => _absorbed.Add(node);

    /// <summary>
    /// Adds a node to the graph; <paramref name="name"/> is the name of an ONNX value or comes from <see cref="UniqueValueName"/>.
    /// </summary>
    public GraphValue AddNode(string name, Operator @operator, IEnumerable<GraphValue> inputs)
    {
        GraphValue[] values = [.. inputs];
        var kind = ElementKinds.Of(@operator, values);
        if (values.Length > 0 && Array.TrueForAll(values, value => value.Constant is not null))
        {
            if (KnownResults.Compute(@operator, values, kind, _parameters.Weights) is { } known)
            {
                ChargeFolded($"value '{name}'", known.Count);
                return AsValue(ConstantTensor.Create(name, known.ToProto(), _external));
            }
        }

        foreach (var constant in values.Where(value => value.Constant is not null && _constantNodes.Add(value.Name)))
        {
            var parameter = _parameters.DeclareValue(constant.Constant!);
            _builder.Node(constant.Name, new Constant { Value = parameter });
        }

        _builder.Node(name, @operator, [.. values.Select(input => input.Name)]);
        _producers[name] = (@operator, values);
        return new GraphValue(name, _builder.ShapeOf(name)) { Kind = kind, IsSigned = kind == ElementKind.Byte && values[0].IsSigned };
    }

    /// <summary>A name for a value that the ONNX model does not have.</summary>
    public string UniqueValueName(string wanted) => _valueNames.Take(wanted);

    /// <inheritdoc cref="ParameterStore.Declare"/>
    public string Parameter(ConstantTensor tensor, string form, TensorShape shape, Func<float[], float[]> convert) =>
        _parameters.Declare(tensor, form, shape, convert);

    /// <inheritdoc cref="ParameterStore.DeclareComputed"/>
    public string ComputedParameter(string name, TensorShape shape, float[] values) => _parameters.DeclareComputed(name, shape, values);

    /// <summary>The number that every value of a parameter is, or null where they differ.</summary>
    public float? Filling(string parameter)
    {
        var values = _parameters.Weights[parameter].Values;
        return values.Length > 0 && Array.TrueForAll(values, value => value == values[0]) ? values[0] : null;
    }

    /// <summary>The node of the graph that computes a value, or null where it is an input.</summary>
    public (Operator Operator, IReadOnlyList<GraphValue> Inputs)? Producer(GraphValue value) =>
        _producers.TryGetValue(value.Name, out var producer) ? producer : null;

    /// <inheritdoc cref="NodeContext.ChargeFolded"/>
    public void ChargeFolded(string place, int count)
    {
        _folded += count;
        _parameters.AllowComputed(count);
        var allowed = _foldedAllowed + (FoldedPerByte * _external.BytesRead);
        if (_folded > allowed)
            throw new SubpException(
                DiagnosticDescriptors.TooLarge,
                place,
                FormattableString.Invariant($"{_folded} elements of computed constants"),
                FormattableString.Invariant($"at most {allowed} for a file of this size")
            );
    }

    /// <summary>What a name stands for, as a value that an operator can read.</summary>
    /// <param name="name">The name of an ONNX value.</param>
    /// <param name="place">What reads it, for the message.</param>
    /// <exception cref="SubpException">It has more dimensions than a graph knows.</exception>
    public GraphValue Materialize(string name, string place)
    {
        switch (Value(name))
        {
            case ConstantValue constant:
                return AsValue(constant.Tensor);
            case ViewValue view:
                var value = Materialize(name, view, place);
                Define(name, value);
                return value;
            case var plain:
                return (GraphValue)plain;
        }
    }

    private GraphValue Materialize(string name, ViewValue view, string place)
    {
        if (view.Split.Length > TensorShape.MaximumRank)
            throw new SubpException(
                DiagnosticDescriptors.OnnxUnsupportedForm,
                place,
                FormattableString.Invariant($"{view.Split.Length} dimensions"),
                FormattableString.Invariant($"at most {TensorShape.MaximumRank}")
            );
        var source = view.Source;
        if (!view.Split.SequenceEqual(source.Dimensions))
            source = AddNode(
                view.KeepsOrder ? name : UniqueValueName($"{name}.split"),
                new Reshape([.. view.Split.Select(extent => (int)extent)]),
                [source]
            );
        return view.KeepsOrder ? source : AddNode(name, new Transpose { Permutation = view.Permutation }, [source]);
    }

    // An input that is an output, and a value that two outputs share, take the name of the output by way of a reshape to their own shape,
    // which costs nothing; likewise a constant.
    private string OutputValue(string output)
    {
        var value = Materialize(output, $"output '{output}'");
        if (value.Constant is { } tensor && _constantNodes.Add(value.Name))
            _builder.Node(value.Name, new Constant { Value = _parameters.DeclareValue(tensor) });
        var isComputed = value.Constant is not null || _producers.ContainsKey(value.Name) || output == value.Name;
        if (isComputed && _outputs.Add(value.Name))
            return value.Name;
        var name = value.Name == output || _producers.ContainsKey(output) ? UniqueValueName(output) : output;
        return AddNode(name, new Reshape(value.Shape.Dimensions), [value with { Constant = null }]).Name;
    }
}
