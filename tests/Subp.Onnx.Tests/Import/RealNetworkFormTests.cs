using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>
/// What exporters and public bug reports hold, in small: each form is either imported and computes what the standard says, or refused by
/// name. No third thing may happen.
/// </summary>
public class RealNetworkFormTests
{
    private static readonly Dictionary<string, (Func<OnnxFile> File, Func<float[], float[]> Answer)> s_right = new()
    {
        ["padding as PyTorch exports it"] = (TorchPad, x => Padded(x, 4, 5, left: 1, right: 2, top: 0, bottom: 1)),
        ["shape arithmetic with Size, Split, comparison and NonZero"] = (ShapeArithmetic, x => x),
        ["standardised weights"] = (StandardisedWeights, Standardised),
        ["dequantised weights"] = (DequantisedWeights, x => [x[0] * 1f + x[1] * -2f, x[0] * 3f + x[1] * 0f]),
        ["bounds of Clip through CastLike"] = (
            () =>
                Create([1, 5], 18)
                    .Integers("c0", 0)
                    .Integers("c2", 2)
                    .Node("CastLike", "c0 x", "lo")
                    .Node("CastLike", "c2 x", "hi")
                    .Node("Clip", "x lo hi", "y"),
            x => [.. x.Select(value => Math.Clamp(value, 0, 2))]
        ),
        ["Clip whose bounds are crossed"] = (
            () => Create([1, 5]).Constant("lo", [], 3).Constant("hi", [], -1).Node("Clip", "x lo hi", "y"),
            x => [.. x.Select(_ => -1f)]
        ),
        ["numbers that are spread over a wide vector"] = (
            () => Create([1, 40_000], 13).Constant("a", [], 2).Constant("b", [], 1).Node("Mul", "x a", "m").Node("Add", "m b", "y"),
            x => [.. x.Select(value => (value * 2) + 1)]
        ),
        ["ReLU6 as Max and Min"] = (
            () => Create([1, 5]).Constant("c0", [], 0).Constant("c6", [1], 1).Node("Max", "x c0", "a").Node("Min", "c6 a", "y"),
            x => [.. x.Select(value => Math.Clamp(value, 0, 1))]
        ),
        ["ReduceMean over nothing"] = (
            () => Create([1, 2, 2, 2], 18).Integers("a").Node("ReduceMean", "x a", "y", Integer("noop_with_empty_axes", 1)),
            x => x
        ),
        ["a batch joined by a fixed shape"] = (
            () =>
                Create([2, 3], 13)
                    .Integers("s", 1, -1)
                    .Node("Reshape", "x s", "f")
                    .Constant("w", [6, 1], 1, 2, 3, 4, 5, 6)
                    .Node("MatMul", "f w", "y"),
            x => [x.Select((value, index) => value * (index + 1)).Sum()]
        ),
        ["channels last with one channel, transposed"] = (
            () => OneTap(Create([1, 3, 2, 1]).Node("Transpose", "x", "t", List("perm", 0, 3, 1, 2))),
            x => [.. x.Select(value => value * 2)]
        ),
        ["channels last with one channel, reshaped"] = (
            () => OneTap(Create([1, 3, 2, 1]).Integers("s", -1, 1, 3, 2).Node("Reshape", "x s", "t")),
            x => [.. x.Select(value => value * 2)]
        ),
        ["a vector that becomes an image"] = (
            () => OneTap(Create([2, 6]).Integers("s", -1, 1, 3, 2).Node("Reshape", "x s", "t")),
            x => [.. x.Select(value => value * 2)]
        ),
        ["a gate that comes from a vector"] = (
            () =>
                Create([1, 2, 1, 2])
                    .Node("ReduceMean", "x", "m", List("axes", 2, 3), Integer("keepdims", 0))
                    .Integers("s", 1, 2, 1, 1)
                    .Node("Reshape", "m s", "g")
                    .Node("Mul", "x g", "y"),
            x => [x[0] * (x[0] + x[1]) / 2, x[1] * (x[0] + x[1]) / 2, x[2] * (x[2] + x[3]) / 2, x[3] * (x[2] + x[3]) / 2]
        ),
        ["one axis squeezed after the other"] = (
            () =>
                Create([1, 3, 1, 1], 13)
                    .Integers("a3", 3)
                    .Integers("a2", 2)
                    .Node("Squeeze", "x a3", "a")
                    .Node("Squeeze", "a a2", "b")
                    .Node("Relu", "b", "y"),
            x => [.. x.Select(value => Math.Max(value, 0))]
        ),
        ["Softmax of the one pixel of an image"] = (() => Create([2, 2, 1, 1]).Node("Softmax", "x", "y", Integer("axis", 1)), SoftmaxOfTwo),
        ["Softmax of opset 11, which joins axes"] = (() => Create([2, 1, 1, 2], 11).Node("Softmax", "x", "y"), SoftmaxOfTwo),
        ["MaxPool with ceil_mode of a plane below its window"] = (() => Pool("MaxPool", 0), x => [x.Max()]),
        ["AveragePool with ceil_mode of a plane below its window"] = (() => Pool("AveragePool", 0), x => [x.Average()]),
        ["the same with counted padding"] = (() => Pool("AveragePool", 1), x => [x.Average()]),
        ["a function that no node calls"] = (WithFunction, x => [.. x.Select(value => Math.Max(value, 0))]),
        ["Dropout alone"] = (() => Create([1, 2, 2, 1]).Node("Dropout", "x", "y"), x => x),
        ["Dropout of training that drops nothing"] = (
            () =>
                Create([1, 2])
                    .Constant("ratio", [], 0)
                    .Integers("one", 1)
                    .Node("Cast", "one", "training", Integer("to", (long)DataType.Bool))
                    .Node("Dropout", "x ratio training", "y"),
            x => x
        ),
        ["Cast alone"] = (() => Create([1, 3]).Node("Cast", "x", "y", Integer("to", (long)DataType.Float)), x => x),
        ["Clip without bounds alone"] = (() => Create([1, 3]).Node("Clip", "x", "y"), x => x),
        ["a Transpose that keeps the order alone"] = (() => Create([1, 3]).Node("Transpose", "x", "y", List("perm", 0, 1)), x => x),
    };

    private static readonly Dictionary<string, (Func<OnnxFile> File, string Id, string Found)> s_refused = new()
    {
        ["training mode by the outputs of an old BatchNormalization"] = (
            () => Create([1, 2, 3, 3], 13).Weight("w", 2).Node("BatchNormalization", "x w w w w", "y mean var"),
            "SUBP0404",
            "3 named outputs, which is training mode"
        ),
        ["a window larger than the padded plane"] = (
            () =>
                Create([1, 1, 2, 2]).Node("MaxPool", "x", "y", List("kernel_shape", 5, 5), List("strides", 2, 2), Integer("ceil_mode", 1)),
            "SUBP0203",
            "a window of 5 along the height"
        ),
    };

    public static TheoryData<string> RightNames => [.. s_right.Keys];

    public static TheoryData<string> RefusedNames => [.. s_refused.Keys];

    [Theory]
    [MemberData(nameof(RightNames))]
    public void These_forms_compute_what_the_standard_says(string name)
    {
        var (file, answer) = s_right[name];
        var model = file().Import();
        var input = new float[model.Graph.Inputs[0].Shape.ElementCount];
        for (var index = 0; index < input.Length; index++)
            input[index] = (float)Math.Sin((index * 1.3) + 0.4) * 3;
        var (expected, actual) = (answer(input), Networks.Run(model, input));
        Assert.Equal(expected.Length, actual.Length);
        for (var index = 0; index < expected.Length; index++)
            Assert.Equal(expected[index], actual[index], 1e-5f);
        Assert.Equal("y", Assert.Single(model.Graph.Outputs));
    }

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public void These_forms_are_refused_by_name(string name)
    {
        var (file, id, found) = s_refused[name];
        var diagnostic = Assert.Throws<SubpException>(() => file().Import()).Diagnostic;
        Assert.Equal(id, diagnostic.Descriptor.Id);
        Assert.StartsWith(found, diagnostic.Found, StringComparison.Ordinal);
        Assert.NotEqual("net.onnx", diagnostic.Location);
    }

    [Theory]
    [InlineData("main_graph", "file")]
    [InlineData("torch_jit", "file")]
    [InlineData("torch-jit-export", "file")]
    [InlineData("tf2onnx", "file")]
    [InlineData("", "file")]
    [InlineData("resnet18", "resnet18")]
    public void A_network_bears_the_name_of_its_file_where_the_exporter_gave_it_none(string given, string expected)
    {
        var file = Create([1, 3]).Node("Relu", "x", "y");
        file.Graph.Name = given;
        Assert.Equal(expected, OnnxImporter.Import(file.ToBytes(), "folder/file.onnx").Graph.Name);
    }

    // F.pad(x, (1, 2, 0, 1)) of PyTorch with opset 11 to 16: the pads of the last axis come first and are turned around.
    private static OnnxFile TorchPad()
    {
        var file = Create([1, 1, 4, 5], 13).Integers("given", 1, 2, 0, 1).Integers("four", 4).Integers("two", 2, 2);
        file.Graph.Node.Add(
            new NodeProto
            {
                OpType = "ConstantOfShape",
                Input = { "four" },
                Output = { "zeros" },
                Attribute =
                {
                    new AttributeProto
                    {
                        Name = "value",
                        Type = AttributeProto.Types.AttributeType.Tensor,
                        T = new TensorProto
                        {
                            DataType = (int)DataType.Int64,
                            Dims = { 1 },
                            Int64Data = { 0 },
                        },
                    },
                },
            }
        );
        return file.Node("Concat", "given zeros", "all", Integer("axis", 0))
            .Integers("pairs", -1, 2)
            .Node("Reshape", "all pairs", "rows")
            .Integers("last", -1)
            .Integers("first", long.MinValue)
            .Integers("axis", 0)
            .Node("Slice", "rows last first axis last", "turned")
            .Node("Transpose", "turned", "columns", List("perm", 1, 0))
            .Node("Reshape", "columns last", "flat")
            .Node("Cast", "flat", "pads", Integer("to", (long)DataType.Int64))
            .Node("Pad", "x pads", "y");
    }

    private static OnnxFile ShapeArithmetic() =>
        Create([1, 2, 2, 3], 13)
            .Node("Shape", "x", "s")
            .Integers("halves", 2, 2)
            .Node("Split", "s halves", "front back", Integer("axis", 0))
            .Node("Size", "x", "size")
            .Node("ReduceProd", "back", "plane", List("axes", 0))
            .Node("Div", "size plane", "rest")
            .Integers("one", 1)
            .Node("Greater", "rest one", "isMore")
            .Node("NonZero", "isMore", "where")
            .Node("Squeeze", "where", "zero")
            .Node("Gather", "front zero", "n")
            .Integers("flat", -1)
            .Node("Tile", "one one", "tiled")
            .Node("Mul", "n tiled", "batch")
            .Node("Concat", "batch flat", "t", Integer("axis", 0))
            .Node("Reshape", "x t", "y");

    private static OnnxFile StandardisedWeights() =>
        Create([1, 2, 1, 1])
            .Constant("w", [2, 2, 1, 1], 1, 3, -2, 6)
            .Constant("two", [], 2)
            .Node("ReduceMean", "w", "mean", List("axes", 1, 2, 3))
            .Node("Sub", "w mean", "centred")
            .Node("Pow", "centred two", "squares")
            .Node("ReduceMean", "squares", "variance", List("axes", 1, 2, 3))
            .Node("Sqrt", "variance", "deviation")
            .Node("Div", "centred deviation", "v")
            .Node("Conv", "x v", "y");

    // Two weights of one channel are -1 and 1 once they are standardised.
    private static float[] Standardised(float[] x) => [x[1] - x[0], x[1] - x[0]];

    private static OnnxFile DequantisedWeights()
    {
        var file = Create([1, 2, 1, 1]).Constant("scale", [2], 0.5f, 0.25f);
        file.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "q",
                DataType = (int)DataType.Int8,
                Dims = { 2, 2, 1, 1 },
                RawData = ByteString.CopyFrom(3, unchecked((byte)-3), 10, unchecked((byte)-2)),
            }
        );
        file.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "zero",
                DataType = (int)DataType.Int8,
                Dims = { 2 },
                Int32Data = { 1, -2 },
            }
        );
        return file.Node("DequantizeLinear", "q scale zero", "w", Integer("axis", 0)).Node("Conv", "x w", "y");
    }

    private static OnnxFile OneTap(OnnxFile file) => file.Constant("two", [1, 1, 1, 1], 2).Node("Conv", "t two", "y");

    private static OnnxFile Pool(string type, int counted) =>
        type == "MaxPool"
            ? Create([1, 1, 2, 2]).Node(type, "x", "y", List("kernel_shape", 3, 3), List("strides", 2, 2), Integer("ceil_mode", 1))
            : Create([1, 1, 2, 2])
                .Node(
                    type,
                    "x",
                    "y",
                    List("kernel_shape", 3, 3),
                    List("strides", 2, 2),
                    Integer("ceil_mode", 1),
                    Integer("count_include_pad", counted)
                );

    private static OnnxFile WithFunction()
    {
        var file = Create([1, 3]).Node("Relu", "x", "y");
        file.Model.Functions.Add(new FunctionProto { Name = "Rank", Domain = "pkg.onnxscript.torch_lib.common" });
        return file;
    }

    private static float[] Padded(float[] x, int height, int width, int left, int right, int top, int bottom)
    {
        var result = new float[(height + top + bottom) * (width + left + right)];
        for (var index = 0; index < x.Length; index++)
            result[((index / width) + top) * (width + left + right) + (index % width) + left] = x[index];
        return result;
    }

    private static float[] SoftmaxOfTwo(float[] x) =>
        [.. x.Select((value, index) => (float)(Math.Exp(value) / (Math.Exp(value) + Math.Exp(x[index ^ 1]))))];
}
