using System.Runtime.InteropServices;
using Google.Protobuf;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Export;

/// <summary>Collects the parts of an ONNX graph while the nodes are written one after the other.</summary>
internal sealed class GraphWriter
{
    private readonly GraphProto _proto = new();
    private readonly Graph _graph;
    private readonly UniqueNames _names = new();
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _leftOut = new(StringComparer.Ordinal);

    /// <summary>Starts a graph with the inputs and outputs of <paramref name="graph"/>.</summary>
    public GraphWriter(Graph graph)
    {
        _graph = graph;
        _proto.Name = graph.Name;

        // Values come first: they are the interface. A parameter that bears the name of a value gets another one, ONNX has one name space.
        foreach (var input in graph.Inputs)
        {
            _names.Reserve(input.Name);
            _proto.Input.Add(Value(input.Name, input.Shape, input.Type));
        }

        foreach (var node in graph.Nodes)
            _names.Reserve(node.Name);
        foreach (var output in graph.Outputs)
            _proto.Output.Add(Value(output, graph.ShapeOf(output), graph.TypeOf(output)));
    }

    /// <summary>Adds the values of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="weight">Its values.</param>
    /// <param name="stored">What its integers stand for; null for floats.</param>
    public void Initialiser(string parameter, WeightTensor weight, StoredIntegers? stored = null)
    {
        var name = _names.Take(parameter);
        _parameters[parameter] = name;
        if (stored is null)
        {
            _proto.Initializer.Add(Tensor(name, weight.Shape, weight.Values));
            return;
        }

        var integers = _names.Take($"{parameter}.integers");
        _proto.Initializer.Add(IntegerTensor(integers, weight));
        var shape = stored.Scales.Length == 1 ? new TensorShape() : new TensorShape(stored.Scales.Length);
        List<string> inputs = [integers, Constant($"{parameter}.scale", shape, stored.Scales)];
        if (stored.ZeroPoint != 0)
            inputs.Add(ZeroPoint(parameter, stored.ZeroPoint));
        Node("DequantizeLinear", inputs, name, Attributes.Integer("axis", 0));
    }

    /// <summary>The constants of a quantisation: the names of its scale and its zero point.</summary>
    public string[] Quantization(string value, Quantization quantization)
    {
        var zero = ZeroPoint(value, quantization.ZeroPoint);
        return [Scalar($"{value}.scale", quantization.Scale), zero];
    }

    private string ZeroPoint(string value, int zeroPoint)
    {
        var name = _names.Take($"{value}.zero");
        _proto.Initializer.Add(IntegerTensor(name, WeightTensor.FromBytes(new TensorShape(), [(byte)zeroPoint])));
        return name;
    }

    /// <summary>The type of a value of the graph.</summary>
    public TensorType TypeOf(string value) => _graph.TypeOf(value);

    /// <summary>The name in the file of a parameter.</summary>
    public string Parameter(string parameter) => _parameters[parameter];

    /// <summary>A name that nothing in the file bears yet.</summary>
    public string UniqueName(string wanted) => _names.Take(wanted);

    /// <summary>Adds an ONNX node that bears the name of its output.</summary>
    public void Node(string operatorType, IEnumerable<string> inputs, string output, params IEnumerable<AttributeProto> attributes) =>
        Node(operatorType, inputs, [output], attributes);

    /// <summary>
    /// Adds an ONNX node of several outputs, which bears the name of the first; an empty name is an output that is not used.
    /// </summary>
    public void Node(
        string operatorType,
        IEnumerable<string> inputs,
        IReadOnlyList<string> outputs,
        params IEnumerable<AttributeProto> attributes
    ) =>
        _proto.Node.Add(
            new NodeProto
            {
                OpType = operatorType,
                Name = outputs[0],
                Input = { inputs },
                Output = { outputs },
                Attribute = { attributes },
            }
        );

    /// <summary>Hears of a node that another one computes; its value is not in the file.</summary>
    public void LeaveOut(GraphNode node) => _leftOut.Add(node.Name);

    /// <summary>The node that computes a value, or null for an input.</summary>
    public GraphNode? Producer(string value) => _graph.FindNode(value);

    /// <summary>The one node that reads a value, or null where several do or the value is an output.</summary>
    public GraphNode? SoleReader(string value) => !_graph.IsOutput(value) && _graph.ConsumersOf(value) is [var reader] ? reader : null;

    /// <summary>
    /// Adds the parts of a fused graph node: first what <paramref name="write"/> writes to the name it is given, then the residual where
    /// there is one, then the activation. The last part bears the name of the graph node.
    /// </summary>
    public void Fused(GraphNode node, string part, string? residual, Activation activation, Action<string> write)
    {
        var hasActivation = activation != Activation.None;
        var result = residual is null && !hasActivation ? node.Name : UniqueName($"{node.Name}.{part}");
        write(result);
        if (residual is not null)
        {
            var sum = hasActivation ? UniqueName($"{node.Name}.add") : node.Name;
            Node("Add", [result, residual], sum);
            result = sum;
        }

        if (hasActivation)
            Activate(activation, result, node.Name);
    }

    /// <summary>A constant with values of its own, and its name.</summary>
    public string Constant(string wanted, TensorShape shape, float[] values)
    {
        var name = _names.Take(wanted);
        _proto.Initializer.Add(Tensor(name, shape, values));
        return name;
    }

    /// <summary>The shape of a value of the graph.</summary>
    public TensorShape ShapeOf(string value) => _graph.ShapeOf(value);

    /// <summary>The shape of a parameter of the graph.</summary>
    public TensorShape ParameterShape(string parameter) => _graph.Parameter(parameter).Shape;

    /// <summary>Adds the nodes of an activation.</summary>
    public void Activate(Activation activation, string input, string output)
    {
        if (activation.IsClamp)
            Clamp(activation, input, output);
        else
            ActivationWriter.Write(this, activation, input, output);
    }

    /// <summary>The finished graph.</summary>
    public GraphProto Finish()
    {
        foreach (var node in _graph.Nodes.Where(node => !_graph.IsOutput(node.Name) && !_leftOut.Contains(node.Name)))
            _proto.ValueInfo.Add(Value(node.Name, node.Shape, node.Type));
        return _proto;
    }

    /// <summary>Adds a constant list of integers, as shapes, axes and paddings are given, and returns its name.</summary>
    public string Integers(string wanted, params long[] values)
    {
        var name = _names.Take(wanted);
        _proto.Initializer.Add(
            new TensorProto
            {
                Name = name,
                DataType = (int)DataType.Int64,
                Dims = { values.Length },
                Int64Data = { values },
            }
        );
        return name;
    }

    /// <summary>Adds a constant number and returns its name.</summary>
    public string Scalar(string wanted, float value)
    {
        var name = _names.Take(wanted);
        _proto.Initializer.Add(Tensor(name, new TensorShape(), [value]));
        return name;
    }

    private void Clamp(Activation activation, string input, string output)
    {
        if (activation == Activation.Relu)
        {
            Node("Relu", [input], output);
            return;
        }

        // An absent bound is an empty name, which is left out at the end of the inputs.
        List<string> inputs = [input];
        if (!float.IsNegativeInfinity(activation.Minimum))
            inputs.Add(Scalar($"{output}.minimum", activation.Minimum));
        if (!float.IsPositiveInfinity(activation.Maximum))
        {
            if (inputs.Count == 1)
                inputs.Add("");
            inputs.Add(Scalar($"{output}.maximum", activation.Maximum));
        }

        Node("Clip", inputs, output);
    }

    private static TensorProto Tensor(string name, TensorShape shape, float[] values)
    {
        return new TensorProto
        {
            Name = name,
            DataType = (int)DataType.Float,
            Dims = { shape.Dimensions.Select(dimension => (long)dimension) },
            RawData = UnsafeByteOperations.UnsafeWrap(FloatBytes.Of(values)),
        };
    }

    private static TensorProto IntegerTensor(string name, WeightTensor values)
    {
        var tensor = new TensorProto { Name = name, Dims = { values.Shape.Dimensions.Select(dimension => (long)dimension) } };
        switch (values.Element)
        {
            case ElementType.Int8:
                tensor.DataType = (int)DataType.Int8;
                tensor.RawData = UnsafeByteOperations.UnsafeWrap(MemoryMarshal.AsBytes<sbyte>(values.SignedBytes).ToArray());
                break;
            case ElementType.UInt8:
                tensor.DataType = (int)DataType.Uint8;
                tensor.RawData = UnsafeByteOperations.UnsafeWrap(values.Bytes);
                break;
            default:
                tensor.DataType = (int)DataType.Int32;
                tensor.Int32Data.Add(values.Integers);
                break;
        }

        return tensor;
    }

    private static ValueInfoProto Value(string name, TensorShape shape, TensorType type) =>
        new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)(type.Quantization is null ? DataType.Float : DataType.Uint8),
                    Shape = new TensorShapeProto { Dim = { shape.Dimensions.Select(dimension => new Dimension { DimValue = dimension }) } },
                },
            },
        };
}
