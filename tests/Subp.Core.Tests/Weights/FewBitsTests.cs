using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;
using Subp.Core.Storage;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Weights;

public sealed class FewBitsTests
{
    private static readonly BlockPattern s_uniform = new(
        16,
        5,
        [
            [0, 3],
            [2, 4],
        ]
    );

    private static readonly BlockPattern s_uneven = new(
        4,
        5,
        [
            [0, 3],
            [],
            [1, 2, 3, 4],
            [2],
            [0, 1],
            [4],
            [3],
            [1, 4],
        ]
    );

    public static TheoryData<int, string> Forms
    {
        get
        {
            var data = new TheoryData<int, string>();
            foreach (var bits in Enumerable.Range(2, 7))
            {
                foreach (var form in new[] { "dense", "uniform", "uneven" })
                    data.Add(bits, form);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_bit_of_the_values_survives_writing_and_reading(int bits, string form)
    {
        var model = Declared(Convolution(PatternOf(form), bits), bits);
        var bundle = ModelBundle.Write(model);
        var (read, _) = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors");
        Assert.Equal(bits, read.Graph.Parameter("conv.weight").Bits);
        Assert.Equal(
            model.Weights["conv.weight"].Values.Select(BitConverter.SingleToInt32Bits),
            read.Weights["conv.weight"].Values.Select(BitConverter.SingleToInt32Bits)
        );
        Assert.Equal(bundle.Safetensors, ModelBundle.Write(read).Safetensors);

        var layout = WeightFileLayout.Of(model.Graph);
        var stored = StoredTensor.CountOf(model.Graph.Parameter("conv.weight"));
        Assert.Equal(((stored * bits) + 7) / 8, layout.Tensor("conv.weight").ByteLength);
        Assert.Equal(32 * sizeof(float), layout.Scales("conv.weight").ByteLength);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void Bytes_survive_as_well_and_need_no_scales(int bits)
    {
        var model = Bytes(bits);
        model = model with { Graph = WithBits(model.Graph, "weight", bits) };
        var bundle = ModelBundle.Write(model);
        var (read, _) = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors");
        Assert.Equal(model.Weights["weight"].SignedBytes, read.Weights["weight"].SignedBytes);
        Assert.Equal(((16 * 45 * bits) + 7) / 8, WeightFileLayout.Of(model.Graph).Tensor("weight").ByteLength);
        Assert.DoesNotContain(WeightFileLayout.Of(model.Graph).Tensors, tensor => tensor.IsScales);
    }

    [Fact]
    public void Integers_lie_one_behind_the_other_lowest_bits_first()
    {
        // In three bits 001 101 010 011 000 111 001 110; each byte takes the next eight from its lowest bit on.
        float[] integers = [1, -3, 2, 3, 0, -1, 1, -2];
        var builder = new GraphBuilder("net");
        builder.Output(builder.Linear("linear", builder.Input("x", new TensorShape(1, 8)), 1));
        var weights = new WeightSet
        {
            ["linear.weight"] = new WeightTensor(new TensorShape(1, 8), [.. integers.Select(value => value / 4)]),
            ["linear.bias"] = new WeightTensor(new TensorShape(1), [0]),
        };
        var graph = WithBits(builder.Build(), "linear.weight", 3);
        var layout = WeightFileLayout.Of(graph);
        var file = ModelBundle.Write(new Model(graph, weights)).Safetensors;
        var place = layout.Tensor("linear.weight").Offset;
        Assert.Equal([0b10101001, 0b10000110, 0b11000111], file[place..(place + 3)]);
        Assert.Equal(0.25f, BitConverter.ToSingle(file, layout.Scales("linear.weight").Offset));
    }

    [Fact]
    public void What_few_bits_do_not_give_back_is_not_found()
    {
        var model = Convolution(null, 4);
        var parameter = model.Graph.Parameter("conv.weight");
        Assert.Equal(4, GridValues.Find(parameter, model.Weights["conv.weight"])!.Bits);
        Assert.Null(GridValues.Find(parameter, RandomWeights.For(model.Graph, 3).Weights["conv.weight"]));
        Assert.Null(GridValues.Find(parameter, Changed(model, value => -0f, value => value == 0)));
        Assert.Null(GridValues.Find(parameter, Changed(model, MathF.BitIncrement, value => value > 0)));
        Assert.Null(GridValues.Find(parameter, Changed(model, _ => float.NaN, value => value > 0)));
        Assert.Null(GridValues.Find(parameter, Changed(model, _ => float.Epsilon, _ => true)));
        // A pruned place is not stored, so its sign is nobody's.
        var sparse = Convolution(s_uniform, 4);
        Assert.Equal(
            4,
            GridValues.Find(sparse.Graph.Parameter("conv.weight"), Changed(sparse, _ => -0f, (index, _) => index / 9 % 5 == 1))!.Bits
        );
    }

    [Fact]
    public void A_weight_of_more_bits_than_it_declares_is_not_written()
    {
        var refused = Assert.Throws<SubpException>(() => ModelBundle.Write(Declared(Convolution(null, 5), 4)));
        Assert.Equal("SUBP0538", refused.Diagnostic.Descriptor.Id);
        var random = RandomWeights.For(Convolution(null, 4).Graph, 1);
        Assert.Equal("SUBP0538", Assert.Throws<SubpException>(() => ModelBundle.Write(Declared(random, 8))).Diagnostic.Descriptor.Id);
        Assert.NotNull(ModelBundle.Write(Declared(Convolution(null, 4), 6)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Bits_that_nothing_is_stored_in_are_refused(int bits) =>
        Assert.Equal(
            "SUBP0537",
            Assert
                .Throws<SubpException>(() => SubpParser.Parse($"subp 1\nmodel m\nparam w: f32[4,4] bits {bits}\n", "m.subp"))
                .Diagnostic.Descriptor.Id
        );

    [Theory]
    [InlineData("s8[4,4] bits 7")]
    [InlineData("s32[4,4] bits 4")]
    [InlineData("u8[4,4] bits 4")]
    [InlineData("f32[16] bits 4")]
    public void Bits_of_what_is_no_weight_are_refused(string declaration) =>
        Assert.Equal(
            "SUBP0537",
            Assert
                .Throws<SubpException>(() => SubpParser.Parse($"subp 1\nmodel m\nparam w: {declaration}\n", "m.subp"))
                .Diagnostic.Descriptor.Id
        );

    [Fact]
    public void The_text_says_the_bits_and_the_hash_covers_them()
    {
        var plain = Convolution(s_uniform, 4).Graph;
        var graph = WithBits(plain, "conv.weight", 4);
        var text = SubpPrinter.Print(graph);
        Assert.Contains("param conv.weight: f32[32,5,3,3] bits 4 sparse 1x16\n", text, StringComparison.Ordinal);
        Assert.Equal(text, SubpPrinter.Print(SubpParser.Parse(text, "m.subp").Graph));
        Assert.NotEqual(StructureHash.Compute(plain), StructureHash.Compute(graph));
    }

    [Fact]
    public void An_integer_without_a_negative_and_a_scale_that_is_none_are_refused()
    {
        var model = Declared(Convolution(null, 3), 3);
        var bundle = ModelBundle.Write(model);
        var text = string.Concat(
            bundle.SubpText.Split('\n').Where(line => !line.StartsWith("weights", StringComparison.Ordinal)).Select(line => line + "\n")
        );
        var layout = WeightFileLayout.Of(model.Graph);
        string Refusal(int place, byte value)
        {
            var broken = (byte[])bundle.Safetensors.Clone();
            broken[place] = value;
            return Assert.Throws<SubpException>(() => ModelBundle.Read(text, "m.subp", broken, "m.safetensors")).Diagnostic.Descriptor.Id;
        }

        Assert.Equal("SUBP0538", Refusal(layout.Tensor("conv.weight").Offset, 0b100));
        Assert.Equal("SUBP0305", Refusal(layout.Scales("conv.weight").Offset + 3, 0xFF));
    }

    [Fact]
    public void Scales_do_not_take_the_name_of_a_parameter()
    {
        var builder = new GraphBuilder("net");
        var weight = builder.Parameter("w", new TensorShape(8, 8));
        var bias = builder.Parameter("w.scale", new TensorShape(8));
        builder.Output(builder.Node("linear", new Linear { Weight = weight, Bias = bias }, builder.Input("x", new TensorShape(1, 8))));
        var model = Declared(FewBitWeights.Of(RandomWeights.For(builder.Build(), 1), 4), 4, "w");
        Assert.Equal("w.scale_", WeightFileLayout.Of(model.Graph).Scales("w").Name);
        var bundle = ModelBundle.Write(model);
        var (read, _) = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors");
        Assert.Equal(model.Weights["w"].Values, read.Weights["w"].Values);
        Assert.Equal(model.Weights["w.scale"].Values, read.Weights["w.scale"].Values);
    }

    private static BlockPattern? PatternOf(string form) =>
        form switch
        {
            "uniform" => s_uniform,
            "uneven" => s_uneven,
            _ => null,
        };

    private static Model Convolution(BlockPattern? pattern, int bits)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Input("image", new TensorShape(1, 5, 6, 6));
        builder.Output(builder.Conv2d("conv", image, 32, Window.Square(3, padding: 1), bias: true, pattern: pattern));
        return FewBitWeights.Of(RandomWeights.For(builder.Build(), 1), bits);
    }

    private static Model Bytes(int bits)
    {
        var builder = new GraphBuilder("net");
        var image = builder.Node(
            "image.u8",
            new Quantize(),
            new Quantization(1 / 64f, 128),
            builder.Input("image", new TensorShape(1, 5, 6, 6))
        );
        var convolution = new Conv2d
        {
            Weight = builder.Parameter("weight", new TensorShape(16, 5, 3, 3), ElementType.Int8),
            WeightScale = builder.Parameter("weight_scale", new TensorShape(16)),
            Bias = builder.Parameter("bias", new TensorShape(16), ElementType.Int32),
            Window = Window.Square(3, padding: 1),
        };
        builder.Output(builder.Node("conv", convolution, [image], Layout.Nchw, TensorType.Float32));
        return FewBitWeights.Of(RandomWeights.For(builder.Build(), 1), bits);
    }

    private static Model Declared(Model model, int bits, string parameter = "conv.weight") =>
        model with
        {
            Graph = WithBits(model.Graph, parameter, bits),
        };

    private static Graph WithBits(Graph graph, string name, int bits) =>
        graph.With(
            parameters: [.. graph.Parameters.Select(parameter => parameter.Name == name ? parameter with { Bits = bits } : parameter)]
        );

    private static WeightTensor Changed(Model model, Func<float, float> change, Func<float, bool> where)
    {
        var first = Array.FindIndex(model.Weights["conv.weight"].Values, value => where(value));
        return Changed(model, change, (index, _) => index == first);
    }

    private static WeightTensor Changed(Model model, Func<float, float> change, Func<int, float, bool> where)
    {
        var weight = model.Weights["conv.weight"];
        return new WeightTensor(weight.Shape, [.. weight.Values.Select((value, index) => where(index, value) ? change(value) : value)]);
    }
}
