using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;
using Dimension = Subp.Onnx.Protos.TensorShapeProto.Types.Dimension;

namespace Subp.Onnx.Tests.Import;

/// <summary>Every way a file can be wrong ends in its diagnostic, which names the file and the place.</summary>
public class BadInputTests
{
    private static readonly int[] Image = [1, 2, 4, 4];

    [Fact]
    public void Bytes_that_are_no_model_are_SUBP0401()
    {
        Fails("SUBP0401", "without a graph", []);
        Fails("SUBP0401", "not protobuf", "version https://git-lfs.github.com/spec/v1"u8.ToArray());
        Fails("SUBP0401", "not protobuf", Relu().ToBytes()[..^3]);
    }

    [Fact]
    public void Messages_nested_without_end_are_SUBP0401_or_dropped_but_never_a_stack_overflow()
    {
        // Field 60, which the standard does not have, as a group inside a group inside a group; and the same with field 1.
        Fails("SUBP0401", "not protobuf", [.. Enumerable.Range(0, 100_000).Select(index => (byte)(index % 2 == 0 ? 0xe3 : 0x03))]);
        Fails("SUBP0401", "not protobuf", [.. Enumerable.Repeat((byte)((1 << 3) | 3), 100_000)]);
    }

    [Fact]
    public void A_file_of_nothing_but_empty_messages_is_SUBP0401_before_it_fills_the_memory()
    {
        var graph = new byte[400_000];
        for (var index = 0; index < graph.Length; index += 2)
            graph[index] = (5 << 3) | 2;
        Fails("SUBP0401", "messages that need", [(7 << 3) | 2, 0x80, 0xb5, 0x18, .. graph]);
    }

    [Fact]
    public void An_opset_out_of_range_is_SUBP0402()
    {
        Fails("SUBP0402", "version 0 of ai.onnx", Create(Image, 0).Node("Relu", "x", "y"));
        Fails("SUBP0402", "version 25 of ai.onnx", Create(Image, 25).Node("Relu", "x", "y"));
        Assert.NotNull(Create(Image, 24).Node("Relu", "x", "y").Import());
        Fails("SUBP0402", "no version", Change(file => file.Model.OpsetImport.Clear()));
    }

    [Fact]
    public void A_function_that_no_node_calls_is_ignored()
    {
        OnnxFile With(string domain, string name) =>
            Change(file => file.Model.Functions.Add(new FunctionProto { Name = name, Domain = domain }));
        Assert.Single(With("pkg.onnxscript.torch_lib.common", "Rank").Import().Graph.Nodes);
        Assert.Single(With("pkg.onnxscript.torch_lib.common", "Relu").Import().Graph.Nodes);
    }

    [Fact]
    public void An_unknown_operator_is_SUBP0403_and_says_where_the_supported_ones_are_listed()
    {
        var diagnostic = Fails("SUBP0403", "RoiAlign of opset 17", Create(Image).Node("RoiAlign", "x", "y"));
        Assert.Equal("net.onnx: node 'RoiAlign_0' (RoiAlign)", diagnostic.Location);
        Assert.Equal($"the {OnnxImporter.SupportedOperators.Count} operators that docs/onnx-operators.md lists", diagnostic.Expected);
        Fails("SUBP0403", "Relu of the domain com.example", Change(file => file.Graph.Node[0].Domain = "com.example"));
    }

    [Fact]
    public void All_unknown_operators_of_a_file_are_listed_with_their_number_and_the_first_node()
    {
        var file = Create(Image).Node("Relu", "x", "a").Node("Det", "a", "b").Node("RoiAlign", "b", "c").Node("Det", "c", "y");
        file.Node("Hardmax", "x", "unused");
        var diagnostic = Fails("SUBP0403", "", file);
        Assert.Equal("Det of opset 17 (2 nodes, first 'Det_1'), RoiAlign of opset 17 (1 node, first 'RoiAlign_2')", diagnostic.Found);
        Assert.Equal("net.onnx: node 'Det_1' (Det)", diagnostic.Location);
    }

    [Fact]
    public void An_unsupported_form_is_SUBP0404() => Fails("SUBP0404", "fmod = 0", Create([1, 2]).Node("Mod", "x x", "y"));

    [Fact]
    public void An_attribute_that_is_not_valid_is_SUBP0405()
    {
        OnnxFile Pool(params AttributeProto[] attributes) => Create(Image).Node("MaxPool", "x", "y", attributes);
        Fails("SUBP0405", "no kernel_shape", Pool());
        Fails("SUBP0405", "'kernel_shape' with 3 integers", Pool(List("kernel_shape", 1, 2, 3)));
        Fails("SUBP0405", "'kernel_shape' of type Int", Pool(Integer("kernel_shape", 2)));
        Fails("SUBP0405", "'kernel_shape' twice", Pool(List("kernel_shape", 2, 2), List("kernel_shape", 2, 2)));
        Fails("SUBP0405", "strides = 0", Pool(List("kernel_shape", 2, 2), List("strides", 0, 1)));
        Fails("SUBP0405", "pads = 9223372036854775807", Pool(List("kernel_shape", 2, 2), List("pads", long.MaxValue, 0, 0, 0)));
        Fails("SUBP0405", "auto_pad = 'FULL'", Pool(List("kernel_shape", 2, 2), Text("auto_pad", "FULL")));
        Fails("SUBP0405", "the attribute 'p'", Pool(List("kernel_shape", 2, 2), Integer("p", 2)));
        Fails("SUBP0405", "the axis 4", Create([1, 2]).Node("Softmax", "x", "y", Integer("axis", 4)));
        Fails(
            "SUBP0405",
            "kernel_shape = [5,5]",
            Create(Image).Weight("w", 2, 2, 3, 3).Node("Conv", "x w", "y", List("kernel_shape", 5, 5))
        );
    }

    [Fact]
    public void An_open_dimension_is_SUBP0406_unless_it_gets_a_value()
    {
        var open = new[]
        {
            new Dimension { DimParam = "N" },
            new Dimension { DimValue = 3 },
            new Dimension { DimParam = "height" },
            new Dimension { DimValue = 4 },
        };
        var file = Change(file => file.Graph.Input[0] = Value("x", open));
        var refusal = Fails("SUBP0406", "the open dimension 'height' at index 2", file);
        Assert.EndsWith("with --dim height=N.", refusal.Action, StringComparison.Ordinal);
        var options = new ImportOptions
        {
            Batch = 5,
            Dimensions = new Dictionary<string, int> { ["height"] = 7 },
        };
        Assert.Equal("[5,3,7,4]", file.Import(options).Graph.Inputs[0].Shape.ToString());
        options = options with
        {
            Dimensions = new Dictionary<string, int> { ["height"] = 7, ["N"] = 2 },
        };
        Assert.Equal("[2,3,7,4]", file.Import(options).Graph.Inputs[0].Shape.ToString());
        options = options with
        {
            Dimensions = new Dictionary<string, int> { ["x:2"] = 6, ["x:0"] = 2 },
        };
        Assert.Equal("[2,3,6,4]", file.Import(options).Graph.Inputs[0].Shape.ToString());
        var other = new ImportOptions { Dimensions = new Dictionary<string, int> { ["x:3"] = 4 } };
        Fails("SUBP0406", "does not have", file, other);
        other = new ImportOptions
        {
            Dimensions = new Dictionary<string, int> { ["x:3"] = 4, ["height"] = 7 },
            LeavesOthersOut = true,
        };
        Assert.Equal("[1,3,7,4]", file.Import(other).Graph.Inputs[0].Shape.ToString());

        Fails(
            "SUBP0406",
            "a value for a dimension",
            Relu(),
            new ImportOptions { Dimensions = new Dictionary<string, int> { ["width"] = 1 } }
        );
        Fails("SUBP0406", "no shape", Change(file => file.Graph.Input[0].Type.TensorType.Shape = null));
        refusal = Fails(
            "SUBP0406",
            "the open dimension without a name at index 1",
            Change(file => file.Graph.Input[0] = Value("x", new Dimension(), new Dimension(), new Dimension { DimParam = "the width" }))
        );
        Assert.EndsWith("with --dim x:1=N --dim 'the width=N'.", refusal.Action, StringComparison.Ordinal);
        Fails(
            "SUBP0406",
            "the dimension 0 at index 1",
            Change(file => file.Graph.Input[0] = Value("x", new Dimension { DimValue = 1 }, new Dimension { DimValue = 0 }))
        );
        Fails(
            "SUBP0406",
            "the dimension 9223372036854775807",
            Change(file => file.Graph.Input[0] = Value("x", new Dimension { DimValue = long.MaxValue }))
        );
    }

    [Fact]
    public void A_tensor_that_contradicts_itself_is_SUBP0407()
    {
        OnnxFile Conv(TensorProto weight)
        {
            var file = Create(Image).Node("Conv", "x w", "y");
            weight.Name = "w";
            file.Graph.Initializer.Add(weight);
            return file;
        }

        const int Float = (int)DataType.Float;
        Fails(
            "SUBP0407",
            "7 bytes of data",
            Conv(
                new TensorProto
                {
                    DataType = Float,
                    Dims = { 1, 2, 1, 1 },
                    RawData = ByteString.CopyFrom(new byte[7]),
                }
            )
        );
        Fails(
            "SUBP0407",
            "3 values",
            Conv(
                new TensorProto
                {
                    DataType = Float,
                    Dims = { 1, 2, 1, 1 },
                    FloatData = { 1, 2, 3 },
                }
            )
        );
        Fails("SUBP0407", "0 values", Conv(new TensorProto { DataType = Float, Dims = { 1, 2, 1, 1 } }));
        Fails(
            "SUBP0407",
            "the dimension -2",
            Conv(
                new TensorProto
                {
                    DataType = Float,
                    Dims = { -2, -1 },
                    FloatData = { 1, 2 },
                }
            )
        );
        Fails(
            "SUBP0407",
            "the shape [65536,65536]",
            Conv(
                new TensorProto
                {
                    DataType = Float,
                    Dims = { 65536, 65536 },
                    FloatData = { 1 },
                }
            )
        );
        Fails("SUBP0407", "the dimension 4294967296", Conv(new TensorProto { DataType = Float, Dims = { 1L << 32, 1L << 32 } }));
        Fails(
            "SUBP0407",
            "elements of type Int64",
            Conv(
                new TensorProto
                {
                    DataType = (int)DataType.Int64,
                    Dims = { 1, 2, 1, 1 },
                    Int64Data = { 1, 2 },
                }
            )
        );
        Fails("SUBP0407", "elements of type String", Conv(new TensorProto { DataType = (int)DataType.String, Dims = { 1 } }));
        Fails("SUBP0407", "elements of type 99", Conv(new TensorProto { DataType = 99, Dims = { 1 } }));
        Fails("SUBP0407", "the empty shape [0,2,1,1]", Conv(new TensorProto { DataType = Float, Dims = { 0, 2, 1, 1 } }));
        Fails("SUBP0407", "a sparse initialiser", Change(file => file.Graph.SparseInitializer.Add(new SparseTensorProto())));
    }

    [Fact]
    public void A_graph_that_contradicts_itself_is_SUBP0409()
    {
        Fails("SUBP0409", "the undefined input 'z'", Create(Image).Node("Add", "x z", "y"));
        Fails("SUBP0409", "a second definition of 'y'", Create(Image).Node("Relu", "x", "y").Node("Relu", "x", "y"));
        Fails("SUBP0409", "a second definition of 'x'", Create(Image).Node("Relu", "x", "x"));
        Fails(
            "SUBP0409",
            "a value that depends on itself",
            Create(Image).Node("Add", "x b", "a").Node("Relu", "a", "b").Node("Relu", "b", "y")
        );
        Fails("SUBP0409", "'w' twice", Relu().Weight("w", 1).Weight("w", 1));
        Fails("SUBP0409", "a name that is undefined", Create(Image).Node("Relu", "x", "z"));
        Fails("SUBP0409", "0 inputs and 1 outputs", Change(file => file.Graph.Input.Clear()));
        Fails("SUBP0409", "1 inputs and 0 outputs", Change(file => file.Graph.Output.Clear()));
        Fails("SUBP0409", "'x' twice", Change(file => file.Graph.Input.Add(file.Graph.Input[0])));
    }

    [Fact]
    public void Metadata_that_cannot_be_read_is_SUBP0410()
    {
        OnnxFile With(string key, string value) =>
            Change(file => file.Model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value }));
        Fails("SUBP0410", "\"[1]\"", With("subp.classes", "[1]"));
        Fails("SUBP0410", "\"cat, dog\"", With("subp.classes", "cat, dog"));
        Fails("SUBP0410", "\"0.5;1\"", With("subp.normalization.mean", "0.5;1"));
        Fails("SUBP0410", "\"NaN\"", With("subp.normalization.deviation", "NaN"));
        Assert.Empty(With("author", "[").Import().Graph.Metadata.ClassNames);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_found_by_shape_inference_with_the_file_named()
    {
        var diagnostic = Fails("SUBP0203", "", Create(Image).Weight("w", 4, 3, 3, 3).Node("Conv", "x w", "y"));
        Assert.Equal("net.onnx: node 'y'", diagnostic.Location);
        Fails("SUBP0203", "the shape [1,7]", Create(Image).Integers("s", 1, 7).Node("Reshape", "x s", "y"));
        Fails("SUBP0203", "the shape [-1,-1]", Create(Image).Integers("s", -1, -1).Node("Reshape", "x s", "y"));
        Fails("SUBP0204", "0 inputs", Create(Image).Node("Relu", "-", "y"));
    }

    [Fact]
    public void One_large_constant_in_a_hundred_forms_is_refused_instead_of_filling_the_memory()
    {
        var file = Create([1, 200]).Weight("w", 200, 200);
        for (var index = 0; index < 100; index++)
            file.Node("Gemm", index == 0 ? "x w" : $"v{index} w", index == 99 ? "y" : $"v{index + 1}", Real("alpha", index + 2));
        Fails("SUBP0208", "", file);
    }

    private static OnnxFile Relu() => Create(Image).Node("Relu", "x", "y");

    private static OnnxFile Change(Action<OnnxFile> change)
    {
        var file = Relu();
        change(file);
        return file;
    }

    private static Diagnostic Fails(string id, string found, OnnxFile file, ImportOptions? options = null) =>
        Fails(id, found, file.ToBytes(), options);

    private static Diagnostic Fails(string id, string found, byte[] bytes, ImportOptions? options = null)
    {
        var diagnostic = Assert.Throws<SubpException>(() => OnnxImporter.Import(bytes, "net.onnx", options)).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        Assert.StartsWith("net.onnx", diagnostic.Location, StringComparison.Ordinal);
        Assert.Contains(found, diagnostic.Found, StringComparison.Ordinal);
        return diagnostic;
    }
}
