using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <summary>What the converter of one node may look at, and how it adds to the graph.</summary>
internal sealed partial class NodeContext
{
    private readonly ImportSession _session;

    /// <summary>Prepares the conversion of one node.</summary>
    /// <exception cref="SubpException">Its attributes are not valid, or it has no output.</exception>
    public NodeContext(ImportSession session, NodeProto node)
    {
        _session = session;
        Node = node;
        Label = GraphIndex.Label(node);
        Attributes = new AttributeSet(Label, node.Attribute);
        InputCount = node.Input.Count;
        while (InputCount > 0 && node.Input[InputCount - 1].Length == 0)
            InputCount--;
    }

    /// <summary>The node.</summary>
    public NodeProto Node { get; }

    /// <summary>How messages name the node.</summary>
    public string Label { get; }

    /// <summary>The version of the standard operators.</summary>
    public int Opset => _session.Opset;

    /// <summary>The attributes.</summary>
    public AttributeSet Attributes { get; }

    /// <summary>The number of inputs, absent ones at the end not counted.</summary>
    public int InputCount { get; }

    /// <summary>The name of the first output.</summary>
    /// <exception cref="SubpException">It has none; the node is needed for a later output only.</exception>
    public string OutputName =>
        Node.Output[0].Length > 0 ? Node.Output[0] : throw Unsupported("no first output", "the use of the first output only");

    /// <summary>Whether an operand is of integers.</summary>
    public bool IsInteger(int index) => ValueOfAnyKind(index, "operand").Kind == ElementKind.Integer;

    /// <summary>True where an output has a name and something reads it.</summary>
    public bool IsRead(int output) =>
        output < Node.Output.Count && Node.Output[output].Length > 0 && _session.Index.IsRead(Node.Output[output]);

    // What further values are named after: the first output that has a name.
    private string Stem => Node.Output.First(output => output.Length > 0);

    /// <summary>True where the optional input of an index is given.</summary>
    public bool HasInput(int index) => index < InputCount && Node.Input[index].Length > 0;

    /// <summary>Requires a number of inputs.</summary>
    public void RequireInputs(int minimum, int maximum)
    {
        if (InputCount < minimum || InputCount > maximum)
            throw new SubpException(
                DiagnosticDescriptors.InputCount,
                Label,
                FormattableString.Invariant($"{InputCount} inputs"),
                minimum == maximum ? FormattableString.Invariant($"{minimum}") : FormattableString.Invariant($"{minimum} to {maximum}")
            );
    }

    /// <summary>What an input stands for.</summary>
    /// <exception cref="SubpException">The input is absent.</exception>
    public ImportedValue Input(int index, string role) =>
        HasInput(index)
            ? _session.Value(Node.Input[index])
            : throw new SubpException(
                DiagnosticDescriptors.InputCount,
                Label,
                FormattableString.Invariant($"no input {index}"),
                $"the {role}"
            );

    /// <summary>An input as an operator reads it, real numbers, computed or constant.</summary>
    /// <exception cref="SubpException">The input is absent, or holds integers or truth values.</exception>
    public GraphValue Value(int index, string role = "input")
    {
        var value = ValueOfAnyKind(index, role);
        return value.Kind == ElementKind.Real
            ? value
            : throw Unsupported(
                $"{Words(value.Kind)} as {role}",
                "real numbers",
                value.Kind == ElementKind.Byte ? "Put a DequantizeLinear before this node." : "Cast the value to float before this node."
            );
    }

    private static string Words(ElementKind kind) =>
        kind switch
        {
            ElementKind.Integer => "integers",
            ElementKind.Byte => "quantised bytes",
            _ => "truth values",
        };

    /// <summary>An input as an operator reads it that only moves, compares or converts elements.</summary>
    /// <exception cref="SubpException">The input is absent.</exception>
    public GraphValue ValueOfAnyKind(int index, string role = "input")
    {
        _ = Input(index, role);
        return _session.Materialize(Node.Input[index], $"input '{Node.Input[index]}' of {Label}");
    }

    /// <summary>All inputs, each of them real.</summary>
    public GraphValue[] Values(string role)
    {
        if (InputCount == 0)
            RequireInputs(1, int.MaxValue);
        return [.. Enumerable.Range(0, InputCount).Select(index => Value(index, role))];
    }

    /// <summary>What a value that is no plain value of the graph is called in messages.</summary>
    public static string Describe(ImportedValue value) =>
        value switch
        {
            ConstantValue => "a constant",
            ViewValue view => $"the value '{view.Source.Name}' of shape {view.Source.Shape} seen as [{string.Join(",", view.Shape)}]",
            _ => "a computed value",
        };

    /// <summary>The dimensions of what a name stands for.</summary>
    public static long[] DimensionsOf(ImportedValue value) =>
        value switch
        {
            GraphValue graph => [.. graph.Shape.Dimensions.Select(extent => (long)extent)],
            ViewValue view => view.Shape,
            ConstantValue constant => [.. constant.Tensor.Dimensions.Select(extent => (long)extent)],
            _ => throw new InvalidOperationException("A value without a shape."),
        };

    /// <summary>True where there are inputs and all that are given are constants.</summary>
    public bool AllInputsAreConstant => Node.Input.All(input => input.Length == 0 || _session.IsConstant(input));

    /// <summary>True where an input is a constant.</summary>
    public bool IsConstant(int index) => HasInput(index) && _session.IsConstant(Node.Input[index]);

    /// <summary>Counts the elements of a constant that the import computed.</summary>
    /// <exception cref="SubpException">Too many were computed for a file of this size.</exception>
    public void ChargeFolded(int count) => _session.ChargeFolded(Label, count);

    /// <summary>The node of the graph that computes a value, or null where it is an input of the network.</summary>
    public (Operator Operator, IReadOnlyList<GraphValue> Inputs)? Producer(GraphValue value) => _session.Producer(value);

    /// <summary>An input that is an image [batch, channels, height, width].</summary>
    /// <exception cref="SubpException">The input is absent, a constant or of another rank.</exception>
    public GraphValue Image(int index)
    {
        // Whether the operator computes on bytes is for the graph to say.
        var image = ValueOfAnyKind(index, "image") is { Kind: ElementKind.Byte } bytes ? bytes : Value(index, "image");
        return image.Shape.IsImage
            ? image
            : throw Unsupported($"an input of shape {image.Shape}", "an image [batch,channels,height,width]");
    }

    /// <summary>An input known at import.</summary>
    /// <exception cref="SubpException">The input is absent or computed.</exception>
    public ConstantTensor Constant(int index, string role) =>
        Input(index, role) is ConstantValue constant
            ? constant.Tensor
            : throw Unsupported($"the computed value '{Node.Input[index]}' as {role}", "a constant");

    /// <summary>An optional input known at import, or null where it is absent.</summary>
    public ConstantTensor? OptionalConstant(int index, string role) => HasInput(index) ? Constant(index, role) : null;

    /// <summary>Says what an output stands for; for nodes that vanish.</summary>
    public void Define(ImportedValue value) => _session.Define(OutputName, value);

    /// <summary>Adds the graph node of the first output, under the name of that output.</summary>
    public void Emit(Operator @operator, params GraphValue[] inputs) => EmitAs(OutputName, @operator, inputs);

    /// <summary>
    /// Scale and shift of a normalisation that makes x * scale + shift of every element; null where it does anything else.
    /// </summary>
    public (float Scale, float Shift)? UniformFactors(BatchNorm norm) =>
        norm.Epsilon == 0
        && norm.Activation == Activation.None
        && _session.Filling(norm.Mean) == 0
        && _session.Filling(norm.Variance) == 1
        && _session.Filling(norm.Scale) is { } scale
        && _session.Filling(norm.Shift) is { } shift
            ? (scale, shift)
            : null;

    /// <summary>True where nothing but this node reads an input.</summary>
    public bool ReadsAlone(int index) => _session.Index.SoleConsumer(Node.Input[index]) == Node;

    /// <summary>Adds a graph node for a further output.</summary>
    public void EmitOutput(int index, Operator @operator, GraphValue input) => EmitAs(Node.Output[index], @operator, input);

    /// <summary>Says that an output is a constant that the import computed; an output without a name is nobody's.</summary>
    public void DefineConstant(int index, TensorProto tensor)
    {
        if (index < Node.Output.Count && Node.Output[index].Length > 0)
            _session.Define(Node.Output[index], new ConstantValue(_session.Constant(Node.Output[index], tensor)));
    }

    /// <summary>Says what a further output stands for.</summary>
    public void DefineOutput(int index, ImportedValue value) => _session.Define(Node.Output[index], value);

    /// <summary>Declares a parameter whose values the model does not hold as such, named after the output and a suffix.</summary>
    public string ComputedParameter(string suffix, float[] values) => ComputedParameter(suffix, new TensorShape(values.Length), values);

    /// <summary>The same with a shape.</summary>
    public string ComputedParameter(string suffix, TensorShape shape, float[] values) =>
        _session.ComputedParameter($"{Stem}.{suffix}", shape, values);

    /// <summary>A constant that the model does not hold, named after the output and a suffix.</summary>
    public GraphValue ComputedConstant(string suffix, TensorShape shape, params float[] values)
    {
        var name = _session.UniqueValueName($"{Stem}.{suffix}");
        return ImportSession.AsValue(_session.Constant(name, Folding.FoldedTensor.Of([.. shape.Dimensions], values).ToProto()));
    }

    /// <summary>Adds a graph node of the first output and says what its elements mean.</summary>
    public void EmitAs(ElementKind kind, Operator @operator, params GraphValue[] inputs)
    {
        var value = _session.AddNode(OutputName, @operator, inputs);
        // A constant keeps the type that it was computed with.
        Define(value.Constant is null ? value with { Kind = kind } : value);
    }

    /// <summary>Says what the elements of the first output mean where that does not follow from its operator.</summary>
    public void DefineKind(ElementKind kind)
    {
        if (_session.Value(OutputName) is GraphValue value)
            Define(value with { Kind = kind });
    }

    /// <summary>Makes a branch of the node part of the network and returns what its outputs stand for.</summary>
    /// <exception cref="SubpException">It has another number of outputs than the node, or cannot be imported.</exception>
    public IReadOnlyList<string> ImportBranch(string attribute)
    {
        var branch = Attributes.Any(attribute)?.G ?? throw Attributes.Invalid($"no {attribute}", attribute);
        if (branch.Output.Count != Node.Output.Count)
            throw Unsupported(
                FormattableString.Invariant($"a branch with {branch.Output.Count} outputs"),
                FormattableString.Invariant($"{Node.Output.Count} outputs")
            );
        return _session.Import(branch);
    }

    /// <summary>What a value of a branch stands for.</summary>
    public ImportedValue ValueOf(string name) => _session.Value(name);

    /// <summary>A value of a branch as an operator reads it.</summary>
    public GraphValue Materialize(string name) => _session.Materialize(name, $"value '{name}' of {Label}");

    /// <summary>Adds a graph node under the name of an ONNX value.</summary>
    public void EmitAs(string output, Operator @operator, params GraphValue[] inputs) =>
        _session.Define(output, _session.AddNode(output, @operator, inputs));

    /// <summary>Adds a graph node that the ONNX model does not have, named after the output and a suffix.</summary>
    public GraphValue EmitIntermediate(string suffix, Operator @operator, params GraphValue[] inputs) =>
        _session.AddNode(_session.UniqueValueName($"{Stem}.{suffix}"), @operator, inputs);

    /// <summary>Declares a constant as it is as a parameter.</summary>
    public string Parameter(ConstantTensor tensor) => Parameter(tensor, "", tensor.Shape, values => values);

    /// <inheritdoc cref="ParameterStore.Declare"/>
    public string Parameter(ConstantTensor tensor, string form, TensorShape shape, Func<float[], float[]> convert) =>
        _session.Parameter(tensor, form, shape, convert);

    /// <summary>Reads a tensor that is an attribute of the node; it is known by the name of the output.</summary>
    public ConstantTensor AttributeTensor(TensorProto tensor) => _session.Constant(OutputName, tensor);

    /// <summary>
    /// The addition of a constant that is the only reader of the first output, or null: the node is left out, the caller adds the constant.
    /// </summary>
    /// <param name="accepts">Says whether the caller can add the constant.</param>
    public (string Output, ConstantTensor Constant)? TakeAddedConstant(Func<ConstantTensor, bool> accepts)
    {
        var consumer = _session.Index.SoleConsumer(OutputName);
        if (
            consumer is null
            || consumer.OpType != "Add"
            || !ModelParser.IsStandardDomain(consumer.Domain)
            || consumer.Input.Count != 2
            || consumer.Output.Count != 1
            || consumer.Attribute.Count > 0
        )
            return null;
        var other = consumer.Input[0] == OutputName ? consumer.Input[1] : consumer.Input[0];
        if (
            other.Length == 0
            || !_session.IsConstant(other)
            || _session.Value(other) is not ConstantValue constant
            || !accepts(constant.Tensor)
        )
            return null;
        _session.Absorb(consumer);
        return (consumer.Output[0], constant.Tensor);
    }

    /// <summary>The exception for a node that is valid but not supported.</summary>
    public SubpException Unsupported(string found, string expected, string action = "") =>
        new(DiagnosticDescriptors.OnnxUnsupportedForm, Label, found, expected, action);
}
