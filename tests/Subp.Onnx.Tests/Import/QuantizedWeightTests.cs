using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Xunit;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>What may be done to the weights of quantised layers in a file, and what makes a file no network.</summary>
public class QuantizedWeightTests
{
    [Theory]
    [InlineData("Transpose")]
    [InlineData("Cast")]
    [InlineData("CastLike")]
    [InlineData("Reshape")]
    [InlineData("Flatten")]
    [InlineData("Squeeze")]
    [InlineData("Unsqueeze")]
    [InlineData("Slice")]
    [InlineData("Split")]
    [InlineData("Gather")]
    public void A_weight_that_is_only_moved_after_its_dequantisation_stays_one_of_bytes(string via)
    {
        var file = Stem().Constant("like", [], 1).Integers("first", 0).Integers("three", 3).Integers("all", 0, 1, 2).Integers("at1", 1);
        int[] shape = via switch
        {
            "Reshape" => [2, 6],
            "Squeeze" => [1, 4, 3],
            "Unsqueeze" => [12],
            "Flatten" => [2, 2, 3],
            _ => [4, 3],
        };
        file.Bytes("wi", DataType.Int8, shape, 10, -20, 30, 40, -50, 60, 70, -80, 90, 100, -110, 127)
            .Node("DequantizeLinear", "wi ws", "wr");
        _ = via switch
        {
            "Transpose" => file.Node("Transpose", "wr", "turned").Node("Transpose", "turned", "w"),
            "Cast" => file.Node("Cast", "wr", "w", OnnxFile.Integer("to", (int)DataType.Float)),
            "CastLike" => file.Node("CastLike", "wr like", "w"),
            "Reshape" => file.Integers("shape", 4, 3).Node("Reshape", "wr shape", "w"),
            "Flatten" => file.Node("Flatten", "wr", "w", OnnxFile.Integer("axis", 2)),
            "Squeeze" => file.Node("Squeeze", "wr first", "w"),
            "Unsqueeze" => file.Integers("shape", 4, 3).Node("Unsqueeze", "wr first", "row").Node("Reshape", "row shape", "w"),
            "Slice" => file.Node("Slice", "wr first three at1", "w"),
            "Split" => file.Integers("parts", 3).Node("Split", "wr parts", "w", OnnxFile.Integer("axis", 1)),
            _ => file.Node("Gather", "wr all", "w", OnnxFile.Integer("axis", 1)),
        };
        var model = Close(file.Node("MatMul", "xr w", "product")).Import();
        AssertBytes(model, 10, 40, 70, 100, -20, -50, -80, -110, 30, 60, 90, 127);
    }

    [Fact]
    public void Scales_of_each_output_go_with_a_weight_that_is_turned()
    {
        // As AIMET, and PyTorch with a layer that it writes as MatMul.
        var file = Stem().Constant("scales", [3], 0.25f, 0.5f, 2).Constant("w", [3, 4], 2.5f, -5, 7.5f, 10, 1, 2, 3, 4, -4, 6, 8, 254);
        file.Bytes("zeros", DataType.Int8, [3], 0, 0, 0).Node("QuantizeLinear", "w scales zeros", "wi", OnnxFile.Integer("axis", 0));
        file.Node("DequantizeLinear", "wi scales zeros", "wr", OnnxFile.Integer("axis", 0)).Node("Transpose", "wr", "wt");
        var model = Close(file.Node("MatMul", "xr wt", "product")).Import();
        var layer = AssertBytes(model, 10, -20, 30, 40, 2, 4, 6, 8, -2, 3, 4, 127);
        Assert.Equal([0.25f, 0.5f, 2], model.Weights[layer.WeightScale!].Values);
    }

    [Fact]
    public void A_reshaped_weight_of_a_convolution_is_one_of_bytes()
    {
        var file = OnnxFile.Create([1, 2, 4, 4]).Constant("xs", [], 0.1f).Bytes("xz", DataType.Uint8, [], 12).Constant("ws", [2], 0.5f, 2);
        file.Node("QuantizeLinear", "x xs xz", "xq").Node("DequantizeLinear", "xq xs xz", "xr").Integers("shape", 2, 2, 1, 1);
        file.Bytes("wi", DataType.Int8, [2, 2], 10, -20, 30, 127).Node("DequantizeLinear", "wi ws", "wm", OnnxFile.Integer("axis", 0));
        var model = Close(file.Node("Reshape", "wm shape", "wr").Node("Conv", "xr wr", "product")).Import();
        var conv = Assert.Single(model.Graph.Nodes.Select(node => node.Operator).OfType<Conv2d>());
        Assert.Equal([10, -20, 30, 127], model.Weights[conv.Weight].SignedBytes);
        Assert.Equal([0.5f, 2], model.Weights[conv.WeightScale!].Values);
    }

    [Theory]
    [InlineData("QLinearMatMul")]
    [InlineData("QGemm")]
    [InlineData("MatMulInteger")]
    [InlineData("QLinearConv")]
    [InlineData("ConvInteger")]
    public void A_weight_of_too_few_dimensions_is_refused_by_name(string type)
    {
        var isConvolution = type.Contains("Conv", StringComparison.Ordinal);
        var file = OnnxFile.Create(isConvolution ? [1, 4, 2, 2] : [1, 4]).Constant("s", [], 0.5f).Bytes("z", DataType.Uint8, [], 0);
        file.Bytes("w", DataType.Int8, isConvolution ? [] : [4], isConvolution ? [1] : [1, 2, 3, 4]).Bytes("wz", DataType.Int8, [], 0);
        if (type.EndsWith("Integer", StringComparison.Ordinal))
            file.Node("DynamicQuantizeLinear", "x", "q qs qz").Node(type, "q w qz wz", "y");
        else if (type == "QGemm")
            file.Node("QuantizeLinear", "x s z", "q").Microsoft(type, "q s z w s wz - s z", "y");
        else
            file.Node("QuantizeLinear", "x s z", "q").Node(type, "q s z w s wz s z", "y");
        var refusal = Refusal(file);
        Assert.Equal("SUBP0404", refusal.Descriptor.Id);
        Assert.Contains(isConvolution ? "a weight of shape []" : "a weight of shape [4]", refusal.Found, StringComparison.Ordinal);
    }

    public static TheoryData<string, float> NoScales()
    {
        var data = new TheoryData<string, float>();
        foreach (var type in (string[])["DequantizeLinear", "QuantizeLinear", "QLinearMatMul", "QGemm", "QLinearConv"])
        {
            foreach (var scale in (float[])[0, -0.5f, float.NaN, float.PositiveInfinity])
                data.Add(type, scale);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(NoScales))]
    public void A_scale_of_a_weight_that_is_none_is_refused_where_it_stands(string type, float scale)
    {
        var file = OnnxFile
            .Create(type == "QLinearConv" ? [1, 4, 2, 2] : [1, 4])
            .Constant("xs", [], 0.1f)
            .Bytes("xz", DataType.Uint8, [], 12);
        file.Bytes("zeros", DataType.Int8, [3], 0, 0, 0).Constant("ws", [3], 0.5f, scale, 0.5f).Node("QuantizeLinear", "x xs xz", "xq");
        int[] shape = type switch
        {
            "QLinearConv" => [3, 4, 1, 1],
            "QGemm" => [3, 4],
            _ => [4, 3],
        };
        if (type == "QuantizeLinear")
            file.Weight("wf", 4, 3).Node("QuantizeLinear", "wf ws zeros", "wi", OnnxFile.Integer("axis", 1));
        else
            file.Bytes("wi", DataType.Int8, shape, [.. Enumerable.Range(-6, 12)]);
        if (type is "QuantizeLinear" or "DequantizeLinear")
            file.Node("DequantizeLinear", "xq xs xz", "xr")
                .Node("DequantizeLinear", "wi ws zeros", "wr", OnnxFile.Integer("axis", 1))
                .Node("MatMul", "xr wr", "y");
        else if (type == "QGemm")
            file.Microsoft(type, "xq xs xz wi ws zeros - xs xz", "y", OnnxFile.Integer("transB", 1));
        else
            file.Node(type, "xq xs xz wi ws zeros xs xz", "y");
        var refusal = Refusal(file);
        Assert.Equal("SUBP0230", refusal.Descriptor.Id);
        Assert.Contains($"({type})", refusal.Location, StringComparison.Ordinal);
        Assert.Equal(FormattableString.Invariant($"the scale {scale:R}"), refusal.Found);
    }

    private static Diagnostic Refusal(OnnxFile file) => Assert.Throws<SubpException>(() => file.Import()).Diagnostic;

    private static Linear AssertBytes(Model model, params sbyte[] weight)
    {
        var layer = Assert.Single(model.Graph.Nodes.Select(node => node.Operator).OfType<Linear>());
        Assert.Equal(ElementType.Int8, model.Graph.Parameter(layer.Weight).Element);
        Assert.Equal(weight, model.Weights[layer.Weight].SignedBytes);
        return layer;
    }

    // x of four features, quantised and dequantised as xr.
    private static OnnxFile Stem()
    {
        var file = OnnxFile.Create([1, 4]).Constant("xs", [], 0.1f).Bytes("xz", DataType.Uint8, [], 12).Constant("ws", [], 0.25f);
        return file.Node("QuantizeLinear", "x xs xz", "xq").Node("DequantizeLinear", "xq xs xz", "xr");
    }

    private static OnnxFile Close(OnnxFile file) =>
        file.Constant("ys", [], 0.5f)
            .Bytes("yz", DataType.Uint8, [], 3)
            .Node("QuantizeLinear", "product ys yz", "yq")
            .Node("DequantizeLinear", "yq ys yz", "y");
}
