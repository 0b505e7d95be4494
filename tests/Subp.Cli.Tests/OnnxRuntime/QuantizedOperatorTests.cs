using Subp.Core.Interpretation;
using Subp.Onnx.Protos;
using Subp.Onnx.Tests;
using Subp.Tooling.OnnxRuntime;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Every operator on bytes that the importer takes, by itself and in signed and unsigned bytes, against ONNX Runtime.</summary>
[Trait("speed", "slow")]
public sealed class QuantizedOperatorTests
{
    private const float Step = 0.05f;

    private static readonly Dictionary<string, Action<OnnxFile, bool>> s_cases = new(StringComparer.Ordinal)
    {
        ["QLinearConv"] = (file, isSigned) =>
            file.Bytes("w", DataType.Int8, [6, 4, 3, 3], Numbers(216, -127, 127))
                .Words("b", 300, -200, 100, 50, -75, 20)
                .Constant("ws", [6], 0.002f, 0.004f, 0.001f, 0.003f, 0.0015f, 0.0025f)
                .Bytes("wz", DataType.Int8, [6], 0, 0, 0, 0, 0, 0)
                .Node("QLinearConv", "q xs xz w ws wz ys yz b", "r", OnnxFile.List("pads", 1, 1, 1, 1)),
        ["QLinearConv of one scale, with strides and groups"] = (file, isSigned) =>
            file.Bytes("w", DataType.Int8, [6, 2, 3, 3], Numbers(108, -127, 127))
                .Constant("ws", [], 0.004f)
                .Bytes("wz", DataType.Int8, [], 0)
                .Node("QLinearConv", "q xs xz w ws wz ys yz", "r", OnnxFile.List("strides", 2, 2), OnnxFile.Integer("group", 2)),
        ["QLinearConv with weights around another zero"] = (file, isSigned) =>
            // ONNX Runtime has no product of signed bytes by unsigned weights.
            file.Bytes("w", isSigned ? DataType.Int8 : DataType.Uint8, [6, 4, 1, 1], Numbers(24, isSigned ? -128 : 0, isSigned ? 127 : 255))
                .Constant("ws", [], 0.008f)
                .Bytes("wz", isSigned ? DataType.Int8 : DataType.Uint8, [], isSigned ? -9 : 119)
                .Node("QLinearConv", "q xs xz w ws wz ys yz", "r"),
        ["QLinearMatMul"] = (file, isSigned) =>
            file.Node("Flatten", "q", "flat")
                .Bytes("w", DataType.Int8, [120, 5], Numbers(600, -63, 63))
                .Constant("ws", [5], 0.002f, 0.004f, 0.001f, 0.003f, 0.0015f)
                .Bytes("wz", DataType.Int8, [5], 0, 0, 0, 0, 0)
                .Node("QLinearMatMul", "flat xs xz w ws wz ys yz", "r"),
        ["QGemm"] = (file, isSigned) =>
            file.Node("Flatten", "q", "flat")
                .Bytes("w", DataType.Int8, [5, 120], Numbers(600, -63, 63))
                .Constant("ws", [], 0.002f)
                .Bytes("wz", DataType.Int8, [], 0)
                .Words("b", 300, -200, 100, 50, -75)
                .Microsoft("QGemm", "flat xs xz w ws wz b ys yz", "r", OnnxFile.Integer("transB", 1)),
        ["QLinearAdd"] = (file, isSigned) => Second(file, isSigned).Microsoft("QLinearAdd", "q xs xz t ts tz ys yz", "r"),
        ["QLinearMul"] = (file, isSigned) => Second(file, isSigned).Microsoft("QLinearMul", "q xs xz t ts tz ys yz", "r"),
        ["QLinearConcat"] = (file, isSigned) =>
            Second(file, isSigned).Microsoft("QLinearConcat", "ys yz q xs xz t ts tz", "r", OnnxFile.Integer("axis", 1)),
        ["QLinearGlobalAveragePool"] = (file, isSigned) => file.Microsoft("QLinearGlobalAveragePool", "q xs xz ys yz", "r"),
        ["QLinearAveragePool"] = (file, isSigned) =>
            file.Microsoft(
                "QLinearAveragePool",
                "q xs xz ys yz",
                "r",
                OnnxFile.List("kernel_shape", 3, 3),
                OnnxFile.List("pads", 1, 1, 1, 1),
                OnnxFile.List("strides", 2, 2)
            ),
        ["QLinearAveragePool with its padding"] = (file, isSigned) =>
            file.Microsoft(
                "QLinearAveragePool",
                "q xs xz ys yz",
                "r",
                OnnxFile.List("kernel_shape", 3, 2),
                OnnxFile.List("pads", 1, 1, 1, 0),
                OnnxFile.Integer("count_include_pad", 1)
            ),
        ["QLinearSigmoid"] = (file, isSigned) => file.Microsoft("QLinearSigmoid", "q xs xz ys yz", "r"),
        ["QLinearLeakyRelu"] = (file, isSigned) => file.Microsoft("QLinearLeakyRelu", "q xs xz ys yz", "r", OnnxFile.Real("alpha", 0.2f)),
        ["Pad with a byte"] = (file, isSigned) =>
            Again(
                file.Integers("pads", 0, 0, 1, 2, 0, 0, 0, 1)
                    .Bytes("value", isSigned ? DataType.Int8 : DataType.Uint8, [], 90)
                    .Node("Pad", "q pads value", "p"),
                "p"
            ),
        ["Pad without a byte"] = (file, isSigned) => Again(file.Integers("pads", 0, 0, 1, 2, 0, 0, 0, 1).Node("Pad", "q pads", "p"), "p"),
        ["Cast"] = (file, isSigned) =>
            file.Node("Cast", "q", "whole", OnnxFile.Integer("to", (int)DataType.Float))
                .Constant("tenth", [], 0.02f)
                .Node("Mul", "whole tenth", "less")
                .Node("QuantizeLinear", "less ys yz", "r"),
        ["Clip"] = (file, isSigned) =>
            Again(
                file.Bytes("low", isSigned ? DataType.Int8 : DataType.Uint8, [], 3)
                    .Bytes("high", isSigned ? DataType.Int8 : DataType.Uint8, [], 100)
                    .Node("Clip", "q low high", "c"),
                "c"
            ),
        ["MaxPool"] = (file, isSigned) =>
            Again(file.Node("MaxPool", "q", "m", OnnxFile.List("kernel_shape", 3, 3), OnnxFile.List("pads", 1, 1, 1, 1)), "m"),
        ["Resize"] = (file, isSigned) =>
            Again(
                file.Constant("twice", [4], 1, 1, 2, 2)
                    .Node(
                        "Resize",
                        "q - twice",
                        "m",
                        OnnxFile.Text("mode", "nearest"),
                        OnnxFile.Text("coordinate_transformation_mode", "asymmetric"),
                        OnnxFile.Text("nearest_mode", "floor")
                    ),
                "m"
            ),
        ["Concat"] = (file, isSigned) => Again(file.Node("Concat", "q q", "m", OnnxFile.Integer("axis", 1)), "m"),
        ["QLinearAdd of a constant for each channel"] = (file, isSigned) =>
            Constant(file, isSigned, [1, 4, 1, 1], 9, 70, 40, 120).Microsoft("QLinearAdd", "k ts tz q xs xz ys yz", "r"),
        ["QLinearAdd of a constant for each pixel"] = (file, isSigned) =>
            Constant(file, isSigned, [6, 5], Numbers(30, 0, 127)).Microsoft("QLinearAdd", "q xs xz k ts tz ys yz", "r"),
        ["QLinearMul by a constant number"] = (file, isSigned) =>
            Constant(file, isSigned, [], 110).Microsoft("QLinearMul", "q xs xz k ts tz ys yz", "r"),
        ["QLinearConcat with a constant"] = (file, isSigned) =>
            Constant(file, isSigned, [1, 2, 6, 5], Numbers(60, 0, 127))
                .Microsoft("QLinearConcat", "ys yz q xs xz k ts tz", "r", OnnxFile.Integer("axis", 1)),
        ["QLinearMatMul of two computed values"] = (file, isSigned) =>
            Second(file, isSigned)
                .Node("Transpose", "t", "turned", OnnxFile.List("perm", 0, 1, 3, 2))
                .Node("QLinearMatMul", "q xs xz turned ts tz ys yz", "r"),
        ["MatMulInteger with a bias"] = (file, isSigned) =>
            file.Node("Flatten", "q", "flat")
                .Bytes("w", DataType.Int8, [120, 5], Numbers(600, -63, 63))
                .Words("b", 900, -2000, 1500, 50, -75)
                .Node("MatMulInteger", "flat w xz", "sums")
                .Node("Add", "sums b", "whole")
                .Node("Cast", "whole", "real", OnnxFile.Integer("to", (int)DataType.Float))
                .Constant("step", [], 0.03f * 0.002f)
                .Node("Mul", "real step", "product")
                .Node("QuantizeLinear", "product ys yz", "r"),
        ["ConvInteger with a bias"] = (file, isSigned) =>
            // ONNX Runtime has no convolution of signed bytes in this form.
            (
                isSigned
                    ? file.Node("DequantizeLinear", "q xs xz", "again").Bytes("uz", DataType.Uint8, [], 135)
                    : file.Bytes("uz", DataType.Uint8, [], 7)
            )
                .Node("QuantizeLinear", isSigned ? "again xs uz" : "x xs uz", "u")
                .Bytes("w", DataType.Uint8, [6, 4, 3, 3], Numbers(216, 1, 255))
                .Bytes("wz", DataType.Uint8, [], 128)
                .Bytes("b", DataType.Int32, [1, 6, 1, 1], 3000, -2000, 1000, 500, -750, 200)
                .Node("ConvInteger", "u w uz wz", "sums", OnnxFile.List("pads", 1, 1, 1, 1))
                .Node("Add", "sums b", "whole")
                .Node("Cast", "whole", "real", OnnxFile.Integer("to", (int)DataType.Float))
                .Constant("step", [], 0.03f * 0.002f)
                .Node("Mul", "real step", "product")
                .Node("QuantizeLinear", "product ys yz", "r"),
        ["QuantizeLinear of com.microsoft"] = (file, isSigned) =>
            file.Microsoft("DequantizeLinear", "q xs xz", "qr").Microsoft("QuantizeLinear", "qr ys yz", "r"),
        ["Conv, BatchNormalization"] = (file, isSigned) =>
            file.Bytes("w", DataType.Int8, [6, 4, 3, 3], Numbers(216, -127, 127))
                .Constant("ws", [6], 0.002f, 0.004f, 0.001f, 0.003f, 0.002f, 0.001f)
                .Node("DequantizeLinear", "w ws", "wr", OnnxFile.Integer("axis", 0))
                .Node("DequantizeLinear", "q xs xz", "qr")
                .Node("Conv", "qr wr", "conv")
                .Constant("scale", [6], 1.5f, -0.5f, 2, 0.25f, -1, 1)
                .Constant("shift", [6], 0.5f, -0.5f, 0.2f, 0.1f, -1, 1)
                .Constant("variance", [6], 1.5f, 0.5f, 2, 0.25f, 1, 1)
                .Node("BatchNormalization", "conv scale shift shift variance", "normal")
                .Node("QuantizeLinear", "normal ys yz", "r"),
        ["DequantizeLinear, Conv, QuantizeLinear"] = (file, isSigned) =>
            file.Bytes("w", DataType.Int8, [6, 4, 3, 3], Numbers(216, -127, 127))
                .Constant("ws", [6], 0.002f, 0.004f, 0.001f, 0.003f, 0.002f, 0.001f)
                .Node("DequantizeLinear", "w ws", "wr", OnnxFile.Integer("axis", 0))
                .Node("DequantizeLinear", "q xs xz", "qr")
                .Node("Conv", "qr wr", "conv")
                .Node("Relu", "conv", "positive")
                .Node("QuantizeLinear", "positive ys yz", "r"),
    };

    public static IEnumerable<object[]> Cases() => s_cases.Keys.SelectMany(name => new object[][] { [name, false], [name, true] });

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_operator_makes_the_bytes_of_ONNX_Runtime_within_one_step(string name, bool isSigned)
    {
        var file = Stem(isSigned).Node("QuantizeLinear", "x xs xz", "q");
        s_cases[name](file, isSigned);
        file.Node("DequantizeLinear", "r ys yz", "y");
        Compare(file, isBytes: false, Step);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_input_of_bytes_has_the_quantisation_that_its_reader_names(bool isSigned)
    {
        var file = Stem(isSigned);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)(isSigned ? DataType.Int8 : DataType.Uint8);
        file.Bytes("w", DataType.Int8, [6, 4, 3, 3], Numbers(216, -127, 127)).Constant("ws", [], 0.002f);
        file.Node("DequantizeLinear", "w ws", "wr").Node("DequantizeLinear", "x xs xz", "qr").Node("Conv", "qr wr", "conv");
        file.Node("QuantizeLinear", "conv ys yz", "r").Node("DequantizeLinear", "r ys yz", "y");
        var model = Compare(file, isBytes: true, Step);
        Assert.Equal(isSigned ? 135 : 7, model.Graph.Inputs[0].Type.Quantization!.ZeroPoint);
        // Nothing is converted: the layer reads the caller's bytes.
        Assert.Equal(["conv2d", "dequantize"], model.Graph.Nodes.Select(node => node.Operator.Mnemonic));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_input_of_bytes_that_is_moved_first_has_the_quantisation_that_a_later_reader_names(bool isSigned)
    {
        // As images with their channels last.
        var file = Stem(isSigned);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)(isSigned ? DataType.Int8 : DataType.Uint8);
        file.Node("Transpose", "x", "t", OnnxFile.List("perm", 0, 3, 1, 2)).Integers("from", 1).Integers("to", 5).Integers("along", 1);
        file.Node("Slice", "t from to along", "part").Node("DequantizeLinear", "part xs xz", "y");
        var model = Compare(file, isBytes: true, Step);
        Assert.Equal(isSigned ? 135 : 7, model.Graph.Inputs[0].Type.Quantization!.ZeroPoint);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dynamic_quantisation_gives_the_numbers_of_ONNX_Runtime(bool isMatrix)
    {
        var file = Stem(isSigned: false).Node("DynamicQuantizeLinear", "x", "q qs qz").Constant("ws", [], 0.01f);
        if (isMatrix)
            file.Node("Flatten", "q", "flat")
                .Bytes("w", DataType.Int8, [120, 5], Numbers(600, -63, 63))
                .Bytes("wz", DataType.Int8, [], 3)
                .Node("MatMulInteger", "flat w qz wz", "sums");
        else
            file.Bytes("w", DataType.Uint8, [6, 4, 3, 3], Numbers(216, 0, 255))
                .Bytes("wz", DataType.Uint8, [], 128)
                .Node("ConvInteger", "q w qz wz", "sums", OnnxFile.List("pads", 1, 1, 1, 1));
        file.Node("Cast", "sums", "real", OnnxFile.Integer("to", 1)).Node("Mul", "qs ws", "scale").Node("Mul", "real scale", "y");
        Compare(file, isBytes: false, 1e-4f);
    }

    [Fact]
    public void Readers_of_an_input_of_bytes_that_disagree_are_refused()
    {
        var file = Stem(isSigned: false);
        file.Graph.Input[0].Type.TensorType.ElemType = (int)DataType.Uint8;
        file.Node("DequantizeLinear", "x xs xz", "a").Node("DequantizeLinear", "x ys xz", "b").Node("Add", "a b", "y");
        var exception = Assert.Throws<Core.Diagnostics.SubpException>(() => file.Import());
        Assert.Equal("SUBP0404", exception.Diagnostic.Descriptor.Id);
        Assert.Contains("as another node has it", exception.Message, StringComparison.Ordinal);
    }

    // Four channels of 6 x 5 pixels.
    private static OnnxFile Stem(bool isSigned)
    {
        var file = OnnxFile.Create([1, 4, 6, 5]);
        file.Model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        file.Graph.Output[0] = new ValueInfoProto
        {
            Name = "y",
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } },
        };
        var type = isSigned ? DataType.Int8 : DataType.Uint8;
        return file.Constant("xs", [], 0.03f).Bytes("xz", type, [], 7).Constant("ys", [], Step).Bytes("yz", type, [], isSigned ? -19 : 30);
    }

    // Bytes of the quantisation of q, as those of r.
    private static OnnxFile Again(OnnxFile file, string bytes) =>
        file.Node("DequantizeLinear", $"{bytes} xs xz", "qr").Node("QuantizeLinear", "qr ys yz", "r");

    private static OnnxFile Constant(OnnxFile file, bool isSigned, int[] shape, params int[] values)
    {
        var type = isSigned ? DataType.Int8 : DataType.Uint8;
        return file.Constant("ts", [], 0.02f).Bytes("tz", type, [], 50).Bytes("k", type, shape, values);
    }

    private static OnnxFile Second(OnnxFile file, bool isSigned) =>
        file.Constant("ts", [], 0.02f)
            .Bytes("tz", isSigned ? DataType.Int8 : DataType.Uint8, [], 50)
            .Node("Sigmoid", "x", "other")
            .Node("QuantizeLinear", "other ts tz", "t");

    // Weights of matrices have 7 bits: pairs of products of larger ones saturate in ONNX Runtime on processors without VNNI.
    private static int[] Numbers(int count, int least, int most)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(least, most + 1))];
    }

    private static Core.Weights.Model Compare(OnnxFile file, bool isBytes, float step)
    {
        var model = file.Import();
        var shape = model.Graph.Inputs[0].Shape;
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "operator", file.ToBytes(), 1, optimise: false);
        var interpreter = new ReferenceInterpreter(model);
        int differing = 0,
            all = 0;
        for (var seed = 0; seed < 4; seed++)
        {
            var random = new Random(seed);
            float[] input =
            [
                .. Enumerable.Range(0, shape.ElementCount).Select(_ => isBytes ? random.Next(256) : (float)((random.NextDouble() * 8) - 4)),
            ];
            var expected = session.Run([new OnnxRuntimeInput(input, shape.Dimensions, isBytes)])[0];
            var found = new float[expected.Length];
            interpreter.Run(input, found);
            Assert.True(found.Distinct().Count() > 2, "the result is nearly constant");
            for (var index = 0; index < found.Length; index++, all++)
            {
                var difference = Math.Abs(found[index] - expected[index]);
                Assert.True(difference <= 1.01f * step, $"[{index}] is {found[index]}, ONNX Runtime has {expected[index]}");
                differing += difference > 0.5f * step ? 1 : 0;
            }
        }

        Assert.True(differing * 20 < all, $"{differing} of {all} numbers differ by a step");
        return model;
    }
}
