using Google.Protobuf;
using Subp.Core.Diagnostics;
using Subp.Core.Operators;
using Subp.Onnx.Protos;
using Xunit;
using static Subp.Onnx.Tests.OnnxFile;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

namespace Subp.Onnx.Tests.Import;

/// <summary>What each ONNX operator becomes, and the forms that are refused.</summary>
public class ConverterTests
{
    [Theory]
    [InlineData("NOTSET", 0, 1, 2, 3, "[1,4,9,10]")]
    [InlineData("VALID", 0, 0, 0, 0, "[1,4,7,6]")]
    [InlineData("SAME_UPPER", 0, 1, 1, 1, "[1,4,8,8]")]
    [InlineData("SAME_LOWER", 1, 1, 0, 1, "[1,4,8,8]")]
    public void Conv_padding_is_resolved_in_all_its_forms(string mode, int top, int left, int bottom, int right, string shape)
    {
        var file = Create([1, 2, 8, 8]).Weight("w", 4, 2, 2, 3).Node("Conv", "x w", "y", Text("auto_pad", mode), List("pads", 0, 1, 2, 3));
        var node = Assert.Single(file.Import().Graph.Nodes);
        Assert.Equal(new Padding(top, left, bottom, right), Assert.IsType<Conv2d>(node.Operator).Window.Padding);
        Assert.Equal(shape, node.Shape.ToString());
    }

    [Fact]
    public void Conv_keeps_stride_dilation_groups_and_the_names_of_its_weights()
    {
        var file = Create([1, 4, 9, 9])
            .Weight("w", 8, 2, 3, 3)
            .Weight("b", 8)
            .Node("Conv", "x w b", "y", List("strides", 2, 1), List("dilations", 1, 2), Integer("group", 2), List("kernel_shape", 3, 3));
        var conv = Assert.IsType<Conv2d>(Assert.Single(file.Import().Graph.Nodes).Operator);
        Assert.Equal(("w", "b", 2), (conv.Weight, conv.Bias, conv.Groups));
        Assert.Equal(new Window(new Extent(3, 3), new Extent(2, 1), Padding.None, new Extent(1, 2)), conv.Window);
    }

    [Theory]
    [InlineData(7, 3, 2, 0, 0, 0)]
    [InlineData(8, 3, 2, 0, 0, 1)]
    [InlineData(8, 2, 3, 0, 0, 0)]
    [InlineData(7, 2, 2, 1, 1, 1)]
    [InlineData(6, 2, 3, 1, 0, 1)]
    public void Ceil_mode_becomes_padding_at_the_end_only_where_it_adds_a_window(
        int extent,
        int kernel,
        int stride,
        int before,
        int after,
        int expected
    )
    {
        var file = Create([1, 1, extent, extent])
            .Node(
                "MaxPool",
                "x",
                "y",
                List("kernel_shape", kernel, kernel),
                List("strides", stride, stride),
                List("pads", before, before, after, after),
                Integer("ceil_mode", 1)
            );
        Assert.Equal(expected, Assert.IsType<Pool2d>(Assert.Single(file.Import().Graph.Nodes).Operator).Window.Padding.Bottom);
    }

    [Fact]
    public void AveragePool_counts_the_padding_but_not_what_ceil_mode_adds()
    {
        OnnxFile Pool(int extent) =>
            Create([1, 1, extent, extent])
                .Node(
                    "AveragePool",
                    "x",
                    "y",
                    List("kernel_shape", 2, 2),
                    List("strides", 2, 2),
                    Integer("ceil_mode", 1),
                    Integer("count_include_pad", 1)
                );
        Assert.True(Assert.IsType<Pool2d>(Pool(8).Import().Graph.Nodes[0].Operator).CountIncludesPadding);
        Assert.Equal(default, Assert.IsType<Pool2d>(Pool(8).Import().Graph.Nodes[0].Operator).Overhang);
        Assert.Equal(new Extent(1, 1), Assert.IsType<Pool2d>(Pool(7).Import().Graph.Nodes[0].Operator).Overhang);
    }

    [Theory]
    [InlineData(0, 6, true, "relu6")]
    [InlineData(0, float.MaxValue, true, "relu")]
    [InlineData(-1, 2, false, "clip[-1,2]")]
    [InlineData(2, -1, true, "clip[-1,-1]")]
    [InlineData(2, -1, false, "clip[-1,-1]")]
    public void Clip_takes_its_bounds_from_inputs_or_attributes(float minimum, float maximum, bool asInputs, string expected)
    {
        var file = Create([1, 3]);
        if (asInputs)
            file.Constant("low", [], minimum).Constant("high", [], maximum).Node("Clip", "x low high", "y");
        else
            file.Node("Clip", "x", "y", Real("min", minimum), Real("max", maximum));
        Assert.Equal(expected, Assert.IsType<Activate>(Assert.Single(file.Import().Graph.Nodes).Operator).Activation.ToString());
    }

    [Fact]
    public void Gemm_folds_alpha_beta_and_the_transpose_into_the_weights()
    {
        var file = Create([1, 2])
            .Constant("w", [2, 3], 1, 2, 3, 4, 5, 6)
            .Constant("c", [1, 3], 1, 2, 3)
            .Node("Gemm", "x w c", "y", Real("alpha", 2), Real("beta", 0.5f));
        Assert.Equal([2f, 8f, 4f, 10f, 6f, 12f], file.Import().Weights["w"].Values);
        Assert.Equal([0.5f, 1f, 1.5f], file.Import().Weights["c"].Values);
    }

    [Fact]
    public void Gemm_with_a_scalar_bias_gives_every_feature_that_bias()
    {
        var file = Create([1, 2]).Weight("w", 3, 2).Constant("c", [1], 4).Node("Gemm", "x w c", "y", Integer("transB", 1));
        Assert.Equal([4f, 4f, 4f], file.Import().Weights["c"].Values);
    }

    [Theory]
    [InlineData("m b")]
    [InlineData("b m")]
    public void MatMul_and_the_Add_of_a_constant_are_one_linear_layer(string operands)
    {
        var file = Create([2, 3]).Weight("w", 3, 4).Weight("b", 4).Node("MatMul", "x w", "m").Node("Add", operands, "y");
        Assert.Equal(["y = linear(x) [2,4]"], file.ImportedNodes());
        Assert.Equal("b", Assert.IsType<Linear>(file.Import().Graph.Nodes[0].Operator).Bias);
    }

    [Fact]
    public void A_product_that_others_read_too_keeps_its_own_value()
    {
        var file = Create([2, 4]).Weight("w", 4, 4).Node("MatMul", "x w", "m").Node("Relu", "m", "r").Node("Add", "m r", "y");
        Assert.Equal(["m = linear(x) [2,4]", "r = relu(m) [2,4]", "y = add(m, r) [2,4]"], file.ImportedNodes());
    }

    [Theory]
    [InlineData(13, true, true)]
    [InlineData(18, false, true)]
    [InlineData(17, true, false)]
    public void ReduceMean_over_rows_and_columns_is_global_pooling(int opset, bool asAttribute, bool keepDimensions)
    {
        var file = Create([1, 3, 5, 5], opset);
        List<Onnx.Protos.AttributeProto> attributes = [Integer("keepdims", keepDimensions ? 1 : 0)];
        if (asAttribute)
            attributes.Add(List("axes", -1, 2));
        file.Integers("axes", 3, -2).Node("ReduceMean", asAttribute ? "x" : "x axes", "y", [.. attributes]);
        string[] expected = keepDimensions
            ? ["y = global_avg_pool(x) [1,3,1,1]"]
            : ["y.pool = global_avg_pool(x) [1,3,1,1]", "y = flatten(y.pool) [1,3]"];
        Assert.Equal(expected, file.ImportedNodes());
    }

    [Theory]
    [InlineData("Flatten")]
    [InlineData("Reshape 2 -1")]
    [InlineData("Reshape 0 12")]
    [InlineData("Reshape -1 12")]
    [InlineData("Squeeze")]
    [InlineData("Squeeze 2 -1")]
    public void What_joins_all_but_the_batch_is_flatten(string form)
    {
        var parts = form.Split(' ');
        var file = Create(parts[0] == "Squeeze" ? [2, 12, 1, 1] : [2, 3, 2, 2]);
        if (parts.Length > 1)
            file.Integers("shape", [.. parts[1..].Select(long.Parse)]);
        file.Node(parts[0], parts.Length > 1 ? "x shape" : "x", "y");
        Assert.Equal(["y = flatten(x) [2,12]"], file.ImportedNodes());
    }

    [Fact]
    public void Nodes_that_do_nothing_vanish_and_the_output_keeps_its_name()
    {
        var file = Create([2, 3]).Node("Relu", "x", "r").Node("Dropout", "r", "d -").Node("Flatten", "d", "f").Node("Identity", "f", "y");
        Assert.Equal(["y = relu(x) [2,3]"], file.ImportedNodes());
        Assert.Equal(["y"], file.Import().Graph.Outputs);
    }

    [Fact]
    public void Weights_may_come_from_Constant_nodes_and_through_Identity()
    {
        var file = Create([1, 2, 3, 3]);
        file.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Constant",
                Output = { "w" },
                Attribute =
                {
                    new AttributeProto
                    {
                        Name = "value",
                        Type = AttributeProto.Types.AttributeType.Tensor,
                        T = new TensorProto
                        {
                            DataType = (int)DataType.Float,
                            Dims = { 1, 2, 1, 1 },
                            FloatData = { 3, 4 },
                        },
                    },
                },
            }
        );
        file.Node("Identity", "w", "w2").Node("Conv", "x w2", "y");
        Assert.Equal([3f, 4f], file.Import().Weights["w"].Values);
    }

    [Fact]
    public void A_shared_initialiser_is_one_parameter_in_one_form_and_several_in_several()
    {
        var file = Create([1, 3])
            .Weight("w", 3, 3)
            .Node("MatMul", "x w", "a")
            .Node("MatMul", "a w", "b")
            .Node("Gemm", "b w", "y", Integer("transB", 1));
        var model = file.Import();
        Assert.Equal(["w", "w.2"], model.Graph.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(model.Weights["w"].Values[1], model.Weights["w.2"].Values[3]);
    }

    [Theory]
    [InlineData("Double")]
    [InlineData("Float16")]
    [InlineData("Bfloat16")]
    public void Other_floating_point_weights_are_converted(string typeName)
    {
        var type = Enum.Parse<DataType>(typeName);
        var tensor = new TensorProto
        {
            Name = "w",
            DataType = (int)type,
            Dims = { 1, 2, 1, 1 },
        };
        double[] values = [1.5, -0.25];
        if (type == DataType.Double)
            tensor.DoubleData.AddRange(values);
        else if (type == DataType.Float16)
            tensor.RawData = ByteString.CopyFrom([.. values.SelectMany(value => BitConverter.GetBytes((Half)value))]);
        else
            tensor.Int32Data.AddRange(values.Select(value => (int)(BitConverter.SingleToUInt32Bits((float)value) >> 16)));
        var file = Create([1, 2, 3, 3]).Node("Conv", "x w", "y");
        file.Graph.Initializer.Add(tensor);
        Assert.Equal([1.5f, -0.25f], file.Import().Weights["w"].Values);
    }

    [Fact]
    public void Nodes_out_of_order_and_nodes_that_nothing_needs_do_not_disturb()
    {
        var file = Create([1, 3]).Node("Relu", "b", "y").Node("NonMaxSuppression", "x", "unused").Node("Softmax", "x", "b");
        Assert.Equal(["b = softmax(x) [1,3]", "y = relu(b) [1,3]"], file.ImportedNodes());
    }

    [Fact]
    public void A_chain_of_twenty_thousand_nodes_that_all_read_the_input_is_imported()
    {
        const int Length = 20_000;
        var file = Create([1, 3]);
        for (var index = 0; index < Length; index++)
            file.Node("Add", index == 0 ? "x x" : $"x v{index}", index == Length - 1 ? "y" : $"v{index + 1}");
        Assert.Equal(Length, file.Import().Graph.Nodes.Count);
    }

    [Fact]
    public void BatchNormalization_keeps_its_statistics_and_epsilon()
    {
        var file = Create([1, 2, 3, 3])
            .Weight("s", 2)
            .Weight("b", 2)
            .Weight("m", 2)
            .Weight("v", 2)
            .Node("BatchNormalization", "x s b m v", "y", Real("epsilon", 0.01f), Real("momentum", 0.9f));
        var expected = new BatchNorm
        {
            Scale = "s",
            Shift = "b",
            Mean = "m",
            Variance = "v",
            Epsilon = 0.01f,
        };
        Assert.Equal(expected, file.Import().Graph.Nodes[0].Operator);
    }

    [Fact]
    public void Computed_indices_of_integers_take_elements()
    {
        var file = Create([2, 3])
            .Node("ArgMax", "x", "a", Integer("axis", 1), Integer("keepdims", 0))
            .Node("Gather", "x a", "y", Integer("axis", -1));
        Assert.Equal(new Take { Axis = 1 }, file.Import().Graph.Nodes[^1].Operator);

        OnnxFile Indexed(string name, params Subp.Onnx.Protos.AttributeProto[] attributes) =>
            Create([2, 3]).Node("ArgMax", "x", "a", Integer("axis", 1)).Node(name, "x a", "y", attributes);
        Assert.Equal(new TakeElements { Axis = 1 }, Indexed("GatherElements", Integer("axis", -1)).Import().Graph.Nodes[^1].Operator);
        Assert.Equal(new TakeTuples(), Indexed("GatherND").Import().Graph.Nodes[^1].Operator);
        var behind = Indexed("GatherND", Integer("batch_dims", 1)).Import().Graph.Nodes[^1];
        Assert.Equal(new TakeTuples { BatchDimensions = 1 }, behind.Operator);
        Assert.Equal([2], behind.Shape.Dimensions);
        Refuses(Indexed("GatherND", Integer("batch_dims", 2)), "batch_dims = 2");
    }

    [Fact]
    public void TopK_names_places_and_takes_the_elements_there()
    {
        var file = Create([2, 5]).Integers("k", 3).Node("TopK", "x k", "v i", Integer("largest", 0), Integer("sorted", 0));
        file.Node("Cast", "i", "f", Integer("to", 1)).Node("Add", "v f", "y");
        var nodes = file.Import().Graph.Nodes;
        var expected = new TopIndices
        {
            Axis = 1,
            Count = 3,
            IsSmallest = true,
        };
        Assert.Equal([expected, new TakeElements { Axis = 1 }, new Add()], nodes.Select(node => node.Operator));
        Assert.Equal([2, 3], nodes[^1].Shape.Dimensions);

        OnnxFile Of(long count) => Create([2, 5]).Integers("k", count).Node("TopK", "x k", "y i");
        Refuses(Of(6), "K = 6");
        Refuses(Of(0), "K = 0");
        Refuses(Create([2, 5]).Node("TopK", "x x", "y i"), "the computed value 'x' as K");
    }

    [Fact]
    public void Forms_that_are_not_supported_are_refused_by_name()
    {
        var image = new[] { 1, 2, 4, 4 };
        Refuses(Create(image).Weight("w", 2, 2, 3).Node("Conv", "x w", "y"), "a weight of shape [2,2,3]");
        Refuses(Create([1, 2, 4, 4, 4]).Weight("w", 2, 3, 1, 1, 1).Node("Conv", "x w", "y"), "a volume of shape [1,2,4,4,4]");
        Refuses(Create([1, 2, 4, 4, 4]).Weight("w", 2, 2, 5, 1, 1).Node("Conv", "x w", "y"), "a kernel over 5 images of a volume of 4");
        var endless = Create([1, 1, 2, 2, 2]);
        Refuses(
            endless.Node("MaxPool", "x", "y", List("kernel_shape", 1048576, 1, 1), List("pads", 1048575, 0, 0, 1048575, 0, 0)),
            "1048577 positions of 1048576 taps"
        );
        var deep = Create([1, 2, 4, 4, 4]);
        Refuses(
            deep.Node("MaxPool", "x", "y", List("kernel_shape", 2, 2, 2), List("pads", 2, 0, 0, 0, 0, 0)),
            "pads of 2 and 0 images around a window over 2"
        );
        Refuses(Create(image).Node("Conv", "x x", "y"), "the computed value 'x' as weight");
        foreach (var gather in new[] { "Gather", "GatherElements", "GatherND" })
            Refuses(Create(image).Node(gather, "x x", "y"), "the computed value 'x' as indices");
        Refuses(Create(image).Node("ArgMax", "x", "a").Node("Add", "a x", "y"), "integers as operand");
        Refuses(Create(image).Node("Mod", "x x", "y"), "fmod = 0");
        Refuses(Create(image).Node("Cast", "x", "y", Integer("to", 16)), "a conversion of a computed value to Bfloat16");
        Refuses(
            Create(image)
                .Constant("s", [4], 1, 1, 0.6f, 0.6f)
                .Node("Resize", "x  s", "y", Text("coordinate_transformation_mode", "align_corners")),
            "align_corners with scales"
        );
        Refuses(Create(image).Integers("b", 4).Integers("a", 2).Node("Slice", "x b b a", "y"), "no element of axis 2");
        Refuses(Create(image).Node("If", "x", "y"), "a condition of shape [1,2,4,4]");
        Refuses(Create(image).Node("MaxPool", "x", "p y", List("kernel_shape", 2, 2)), "the use of an output");
    }

    private static void Refuses(OnnxFile file, string found)
    {
        var diagnostic = Assert.Throws<SubpException>(() => file.Import()).Diagnostic;
        Assert.Equal(DiagnosticDescriptors.OnnxUnsupportedForm, diagnostic.Descriptor);
        Assert.StartsWith(found, diagnostic.Found, StringComparison.Ordinal);
    }
}
