using Google.Protobuf;
using Subp.Core.Weights;
using Subp.Onnx.Protos;
using AttributeType = Subp.Onnx.Protos.AttributeProto.Types.AttributeType;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Tests;

/// <summary>Builds ONNX files by hand, valid or not. The input is 'x', the output 'y'.</summary>
internal sealed class OnnxFile
{
    public ModelProto Model { get; } =
        new()
        {
            IrVersion = 8,
            Graph = new GraphProto { Name = "net" },
        };

    public GraphProto Graph => Model.Graph;

    public static OnnxFile Create(int[] input, int opset = 17)
    {
        var file = new OnnxFile();
        file.Model.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        file.Graph.Input.Add(Value("x", [.. input.Select(extent => new Dimension { DimValue = extent })]));
        file.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        return file;
    }

    public static ValueInfoProto Value(string name, params Dimension[] dimensions) =>
        new()
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor
                {
                    ElemType = (int)DataType.Float,
                    Shape = new TensorShapeProto { Dim = { dimensions } },
                },
            },
        };

    public OnnxFile Weight(string name, params int[] dimensions)
    {
        var count = dimensions.Aggregate(1, (product, extent) => product * extent);
        return Constant(name, dimensions, [.. Enumerable.Range(0, count).Select(index => (float)Math.Sin((index * 1.7) + name.Length))]);
    }

    public OnnxFile Constant(string name, int[] dimensions, params float[] values)
    {
        Graph.Initializer.Add(
            new TensorProto
            {
                Name = name,
                DataType = (int)DataType.Float,
                Dims = { dimensions.Select(extent => (long)extent) },
                FloatData = { values },
            }
        );
        return this;
    }

    public OnnxFile Integers(string name, params long[] values)
    {
        Graph.Initializer.Add(
            new TensorProto
            {
                Name = name,
                DataType = (int)DataType.Int64,
                Dims = { values.Length },
                Int64Data = { values },
            }
        );
        return this;
    }

    public OnnxFile Bytes(string name, DataType type, int[] dimensions, params int[] values)
    {
        Graph.Initializer.Add(
            new TensorProto
            {
                Name = name,
                DataType = (int)type,
                Dims = { dimensions.Select(extent => (long)extent) },
                Int32Data = { values },
            }
        );
        return this;
    }

    public OnnxFile Words(string name, params int[] values) => Bytes(name, DataType.Int32, [values.Length], values);

    public OnnxFile Microsoft(string type, string inputs, string output, params AttributeProto[] attributes)
    {
        Node(type, inputs, output, attributes);
        Graph.Node[^1].Domain = "com.microsoft";
        return this;
    }

    public OnnxFile Node(string type, string inputs, string outputs, params AttributeProto[] attributes)
    {
        Graph.Node.Add(
            new NodeProto
            {
                OpType = type,
                Name = $"{type}_{Graph.Node.Count}",
                Input = { inputs.Split(' ').Select(name => name == "-" ? "" : name) },
                Output = { outputs.Split(' ').Select(name => name == "-" ? "" : name) },
                Attribute = { attributes },
            }
        );
        return this;
    }

    public byte[] ToBytes() => Model.ToByteArray();

    public Model Import(ImportOptions? options = null) => OnnxImporter.Import(ToBytes(), "net.onnx", options);

    /// <summary>The imported nodes, one a line: name = operator(inputs) shape.</summary>
    public string[] ImportedNodes(ImportOptions? options = null) =>
        [
            .. Import(options)
                .Graph.Nodes.Select(node => $"{node.Name} = {node.Operator.Mnemonic}({string.Join(", ", node.Inputs)}) {node.Shape}"),
        ];

    public static AttributeProto Integer(string name, long value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Int,
            I = value,
        };

    public static AttributeProto List(string name, params long[] values) =>
        new()
        {
            Name = name,
            Type = AttributeType.Ints,
            Ints = { values },
        };

    public static AttributeProto Real(string name, float value) =>
        new()
        {
            Name = name,
            Type = AttributeType.Float,
            F = value,
        };

    public static AttributeProto Text(string name, string value) =>
        new()
        {
            Name = name,
            Type = AttributeType.String,
            S = ByteString.CopyFromUtf8(value),
        };
}
