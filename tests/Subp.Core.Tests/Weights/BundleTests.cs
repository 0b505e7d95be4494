using System.Text;
using System.Text.Json;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Storage;
using Subp.Core.Tests.Text;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Testing;
using Xunit;

namespace Subp.Core.Tests.Weights;

public class BundleTests
{
    [Fact]
    public void A_model_survives_writing_and_reading()
    {
        var model = RandomWeights.For(SampleGraphs.Everything(), 1);
        var hints = PlanHints.Create().Add("sparse", "form", "table").Build();
        var bundle = ModelBundle.Write(model, hints);
        var (read, readHints) = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors");
        foreach (var parameter in model.Graph.Parameters)
            Assert.Equal(model.Weights[parameter.Name].Values, read.Weights[parameter.Name].Values);
        Assert.Equal("table", readHints.Find("sparse", "form"));
        Assert.Equal(bundle.SubpText, ModelBundle.Write(read, readHints).SubpText);
        Assert.Equal(bundle.Safetensors, ModelBundle.Write(read).Safetensors);
    }

    // As masks of attention are: a value may be infinite, a weight that is multiplied may not.
    [Fact]
    public void A_value_may_be_infinite_and_a_weight_may_not()
    {
        var builder = new GraphBuilder("masked");
        var mask = builder.Node("mask", new Constant { Value = builder.Parameter("mask.value", new TensorShape(1, 4)) });
        var sum = builder.Node("sum", new Add(), builder.Input("x", new TensorShape(1, 4)), mask);
        builder.Output(builder.Linear("last", sum, 2));
        var model = RandomWeights.For(builder.Build(), 1);
        model.Weights["mask.value"].Values[2] = float.NegativeInfinity;
        var bundle = ModelBundle.Write(model);
        var read = ModelBundle.Read(bundle.SubpText, "m.subp", bundle.Safetensors, "m.safetensors").Model;
        Assert.Equal(float.NegativeInfinity, read.Weights["mask.value"].Values[2]);

        model.Weights["mask.value"].Values[2] = float.NaN;
        Assert.Equal("SUBP0305", Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic.Descriptor.Id);
        model.Weights["mask.value"].Values[2] = 0;
        model.Weights["last.weight"].Values[1] = float.PositiveInfinity;
        Assert.Equal("SUBP0305", Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic.Descriptor.Id);
    }

    [Fact]
    public void The_layout_of_a_graph_says_where_the_written_values_lie()
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 2);
        var layout = WeightFileLayout.Of(model.Graph);
        var bytes = ModelBundle.Write(model).Safetensors;
        Assert.Equal(layout.Length, bytes.Length);
        Assert.Equal(layout.HeaderBytes(), bytes[..layout.HeaderLength]);
        Assert.Equal(0, layout.HeaderLength % 64);

        var weight = layout.Tensor("conv.weight");
        Assert.Equal(layout.HeaderLength, weight.Offset);
        Assert.Equal([2, 2, 9, 16], weight.Shape);

        // Group 1, second kept block (input channel 3), tap 4, lane 5 is output channel 16 + 5.
        var index = (((((1 * 2) + 1) * 9) + 4) * 16) + 5;
        var dense = model.Weights["conv.weight"].Values[((((16 + 5) * 4) + 3) * 9) + 4];
        Assert.Equal(dense, BitConverter.ToSingle(bytes, weight.Offset + (index * 4)));
    }

    [Fact]
    public void Blocks_of_whole_cache_lines_come_first_and_everything_follows_without_gaps()
    {
        var layout = WeightFileLayout.Of(SampleGraphs.Everything());
        var offset = layout.HeaderLength;
        foreach (var tensor in layout.Tensors)
        {
            Assert.Equal(offset, tensor.Offset);
            offset += tensor.ByteLength;
        }

        Assert.Equal(layout.Length, offset);
        Assert.Equal([2, 3, 9, 4], layout.Tensor("sparse.weight").Shape);
        Assert.Equal([4, 1, 2], layout.Tensor("grouped.weight").Shape);
        Assert.Equal([1, 2, 1, 4], layout.Tensor("logits.weight").Shape);
    }

    [Fact]
    public void The_header_is_plain_json_with_format_and_structure()
    {
        var graph = SampleGraphs.OneSparseConvolution();
        var header = WeightFileLayout.Of(graph).HeaderBytes();
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(header.AsSpan(8)));
        var metadata = json.RootElement.GetProperty("__metadata__");
        Assert.Equal("subp", metadata.GetProperty("format").GetString());
        Assert.Equal(StructureHash.Compute(graph), metadata.GetProperty("structure").GetString());
        Assert.Equal(header.Length - 8, (int)BitConverter.ToUInt64(header));
    }

    [Fact]
    public void Weights_of_another_file_are_refused()
    {
        var bundle = ModelBundle.Write(RandomWeights.For(SampleGraphs.Everything(), 1));
        var other = ModelBundle.Write(RandomWeights.For(SampleGraphs.Everything(), 2));
        var diagnostic = Diagnose(bundle.SubpText, other.Safetensors);
        Assert.Equal(DiagnosticDescriptors.WeightHashMismatch, diagnostic.Descriptor);
        Assert.Contains("m.subp", diagnostic.Expected);
    }

    [Fact]
    public void Weights_of_another_structure_are_refused()
    {
        var graph = SampleGraphs.OneSparseConvolution();
        var other = ModelBundle.Write(RandomWeights.For(SampleGraphs.Everything(), 1));
        var diagnostic = Diagnose(SubpPrinter.Print(graph), other.Safetensors);
        Assert.Equal(DiagnosticDescriptors.WeightHashMismatch, diagnostic.Descriptor);
        Assert.Contains("structure", diagnostic.Found);
    }

    [Fact]
    public void Weights_without_a_structure_hash_are_refused()
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1);
        var diagnostic = Diagnose(SubpPrinter.Print(model.Graph), SafetensorsWriter.Write([], model.Weights));
        Assert.Equal(DiagnosticDescriptors.WeightHashMismatch, diagnostic.Descriptor);
    }

    [Fact]
    public void A_missing_and_a_superfluous_weight_are_named()
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1);
        var metadata = new Dictionary<string, string> { ["structure"] = StructureHash.Compute(model.Graph) };
        var fewer = new WeightSet { ["conv.bias"] = model.Weights["conv.bias"] };
        var diagnostic = Diagnose(SubpPrinter.Print(model.Graph), SafetensorsWriter.Write(metadata, fewer));
        Assert.Equal(DiagnosticDescriptors.WeightMissing, diagnostic.Descriptor);
        Assert.Contains("conv.weight", diagnostic.Found);

        fewer["extra"] = new WeightTensor(new TensorShape(1), [1]);
        diagnostic = Diagnose(SubpPrinter.Print(model.Graph), SafetensorsWriter.Write(metadata, fewer));
        Assert.Equal(DiagnosticDescriptors.WeightMissing, diagnostic.Descriptor);
        Assert.Contains("extra", diagnostic.Found);
    }

    [Fact]
    public void A_weight_of_the_wrong_shape_is_named_with_both_shapes()
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1);
        var metadata = new Dictionary<string, string> { ["structure"] = StructureHash.Compute(model.Graph) };
        var diagnostic = Diagnose(SubpPrinter.Print(model.Graph), SafetensorsWriter.Write(metadata, model.Weights));
        Assert.Equal(DiagnosticDescriptors.WeightShape, diagnostic.Descriptor);
        Assert.Equal("F32[32,4,3,3]", diagnostic.Found);
        Assert.Equal("F32[2,2,9,16]", diagnostic.Expected);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_named_on_writing_and_on_reading(float value)
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1);
        var bytes = ModelBundle.Write(model).Safetensors;
        var bias = WeightFileLayout.Of(model.Graph).Tensor("conv.bias");
        BitConverter.GetBytes(value).CopyTo(bytes, bias.Offset + 12);
        var diagnostic = Diagnose(SubpPrinter.Print(model.Graph), bytes);
        Assert.Equal(DiagnosticDescriptors.WeightNotFinite, diagnostic.Descriptor);
        Assert.Contains("conv.bias", diagnostic.Location);
        Assert.Contains("index 3", diagnostic.Found);

        model.Weights["conv.bias"].Values[3] = value;
        Assert.Equal(diagnostic.Found, Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic.Found);
    }

    [Fact]
    public void Huge_weights_of_which_almost_nothing_is_stored_are_refused_before_they_are_unpacked()
    {
        const string Text =
            "subp 1\nmodel m\ninput x: f32[1,16384]\nparam w: f32[16384,16384] sparse 1x16384\n  group 0: 7\n"
            + "node y: f32[1,16384] = linear(x) weight=w\noutput y\n";
        var bytes = WeightFileLayout.Of(SubpParser.Parse(Text, "m.subp").Graph).HeaderBytes();
        var diagnostic = Diagnose(Text, [.. bytes, .. new byte[16384 * 4]]);
        Assert.Equal(DiagnosticDescriptors.TooLarge, diagnostic.Descriptor);
    }

    [Fact]
    public void A_weight_outside_its_pattern_is_refused_and_named()
    {
        var model = RandomWeights.For(SampleGraphs.OneSparseConvolution(), 1);
        model.Weights["conv.weight"].Values[(((20 * 4) + 2) * 9) + 3] = 0.5f;
        var diagnostic = Assert.Throws<SubpException>(() => ModelBundle.Write(model)).Diagnostic;
        Assert.Equal(DiagnosticDescriptors.WeightBreaksPattern, diagnostic.Descriptor);
        Assert.Equal("0.5 at output channel 20, input channel 2", diagnostic.Found);
    }

    private static Diagnostic Diagnose(string text, byte[] safetensors) =>
        Assert.Throws<SubpException>(() => ModelBundle.Read(text, "m.subp", safetensors, "m.safetensors")).Diagnostic;
}
