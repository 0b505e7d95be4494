using Subp.Onnx.Tests;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Fuzzing.Targets;

/// <summary>Small ONNX files in every form in which quantised networks are written, as samples.</summary>
internal static class QuantizedOnnxFiles
{
    /// <summary>The files.</summary>
    public static IEnumerable<byte[]> All() =>
        new[] { true, false }
            .SelectMany(isSigned => (OnnxFile[])[Explicit(isSigned), ByOperators(isSigned), Product(isSigned), ByteInput(isSigned)])
            .Concat([Dynamic(isConvolution: true), Dynamic(isConvolution: false)])
            .Select(file => file.ToBytes());

    // A weight that is quantised in the file and turned, as PyTorch writes it, and one of integers; a clamp, a joint and a sum.
    private static OnnxFile Explicit(bool isSigned)
    {
        var file = Stem(isSigned).Constant("wf", [4, 6], [.. Enumerable.Range(-12, 24).Select(value => value * 0.25f)]);
        file.Constant("ts", [4], 0.1f, 0.2f, 0.3f, 0.4f).Bytes("tz", DataType.Int8, [4], 0, 0, 0, 0).Integers("shape", 6, 4, 1, 1);
        file.Node("QuantizeLinear", "wf ts tz", "wq", OnnxFile.Integer("axis", 0));
        file.Node("DequantizeLinear", "wq ts tz", "wr", OnnxFile.Integer("axis", 0));
        file.Node("Transpose", "wr", "wt", OnnxFile.List("perm", 1, 0)).Node("Reshape", "wt shape", "w");
        file.Words("b", 3, -4, 5, -6, 7, -8).Node("DequantizeLinear", "b xs", "br").Node("DequantizeLinear", "q xs xz", "real");
        file.Node("Conv", "real w br", "conv").Node("Clip", "conv least most", "clip").Constant("least", [], 0).Constant("most", [], 6);
        file.Node("QuantizeLinear", "clip ys yz", "r").Node("DequantizeLinear", "r ys yz", "rr").Node("Add", "rr rr", "sum");
        file.Node("QuantizeLinear", "sum ys yz", "s").Node("DequantizeLinear", "s ys yz", "sr").Node("Concat", "sr rr", "joint", Axis(1));
        return file.Node("Transpose", "joint", "y", OnnxFile.List("perm", 0, 2, 3, 1));
    }

    private static OnnxFile ByOperators(bool isSigned)
    {
        var file = Stem(isSigned).Bytes("w", DataType.Int8, [6, 2, 3, 3], [.. Enumerable.Range(-54, 108)]);
        file.Bytes("wz", DataType.Int8, [6], 0, 0, 0, 0, 0, 0).Constant("ws", [6], 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f);
        file.Words("b", 3, -4, 5, -6, 7, -8);
        file.Node("QLinearConv", "q xs xz w ws wz ys yz b", "conv", OnnxFile.List("pads", 1, 1, 1, 1), OnnxFile.Integer("group", 2));
        file.Microsoft("QLinearAdd", "conv ys yz conv ys yz xs xz", "sum").Microsoft("QLinearMul", "sum xs - conv ys yz ys", "product");
        file.Microsoft("QLinearConcat", "ys yz sum xs xz conv ys yz", "joint", Axis(1));
        file.Microsoft("QLinearSigmoid", "joint ys yz xs xz", "table").Microsoft("QLinearLeakyRelu", "table xs xz ys yz", "leaky");
        file.Microsoft("QLinearAveragePool", "leaky ys yz xs xz", "pool", OnnxFile.List("kernel_shape", 2, 2));
        return file.Microsoft("QLinearGlobalAveragePool", "pool xs xz ys yz", "mean").Node("DequantizeLinear", "mean ys yz", "y");
    }

    private static OnnxFile Product(bool isSigned)
    {
        var file = Stem(isSigned).Bytes("w", DataType.Int8, [64, 3], [.. Enumerable.Range(-96, 192)]).Words("b", 3, -4, 5);
        file.Bytes("wz", DataType.Int8, [], 0).Bytes("v", DataType.Int8, [2, 3], -1, 2, -3, 4, -5, 6).Node("Flatten", "q", "flat");
        file.Node("QLinearMatMul", "flat xs xz w xs wz ys yz", "product");
        return file.Microsoft("QGemm", "product ys yz v xs wz", "y", OnnxFile.Integer("transB", 1));
    }

    private static OnnxFile ByteInput(bool isSigned)
    {
        var file = Stem(isSigned);
        file.Graph.Node.Clear();
        file.Graph.Input[0].Type.TensorType.ElemType = (int)(isSigned ? DataType.Int8 : DataType.Uint8);
        file.Bytes("w", DataType.Int8, [6, 4, 1, 1], [.. Enumerable.Range(-12, 24)]).Node("DequantizeLinear", "w xs", "wr");
        return file.Node("DequantizeLinear", "x xs xz", "real").Node("Conv", "real wr", "y");
    }

    private static OnnxFile Dynamic(bool isConvolution)
    {
        var file = OnnxFile.Create([1, 4, 4, 4]).Node("DynamicQuantizeLinear", "x", "q s z").Bytes("wz", DataType.Uint8, [], 128);
        if (isConvolution)
            file.Bytes("w", DataType.Uint8, [6, 4, 1, 1], [.. Enumerable.Range(116, 24)]).Node("ConvInteger", "q w z wz", "sums");
        else
            file.Bytes("w", DataType.Uint8, [64, 3], [.. Enumerable.Range(32, 192)])
                .Node("Flatten", "q", "flat")
                .Node("MatMulInteger", "flat w z wz", "sums");
        return file.Node("Cast", "sums", "real", OnnxFile.Integer("to", (int)DataType.Float)).Node("Mul", "real s", "y");
    }

    // x as bytes q, and the quantisation of a result.
    private static OnnxFile Stem(bool isSigned)
    {
        var type = isSigned ? DataType.Int8 : DataType.Uint8;
        var file = OnnxFile.Create([1, 4, 4, 4]).Constant("xs", [], 0.05f).Bytes("xz", type, [], 0).Constant("ys", [], 0.1f);
        return file.Bytes("yz", type, [], 3).Node("QuantizeLinear", "x xs xz", "q");
    }

    private static Onnx.Protos.AttributeProto Axis(long axis) => OnnxFile.Integer("axis", axis);
}
