using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx.Export;
using Subp.Onnx.Protos;
using Xunit;

namespace Subp.Onnx.Tests.Export;

public class ExporterTests
{
    [Fact]
    public void The_file_says_who_wrote_it_and_for_which_opset()
    {
        var proto = ModelProto.Parser.ParseFrom(OnnxExporter.Export(Network()));
        Assert.Equal((8, "subp", "0.1.0"), (proto.IrVersion, proto.ProducerName, proto.ProducerVersion));
        var opset = Assert.Single(proto.OpsetImport);
        Assert.Equal(("", 17), (opset.Domain, opset.Version));
        Assert.Equal("net", proto.Graph.Name);
    }

    [Fact]
    public void The_same_model_gives_the_same_bytes() => Assert.Equal(OnnxExporter.Export(Network()), OnnxExporter.Export(Network()));

    [Fact]
    public void A_stream_gets_the_same_bytes()
    {
        using var stream = new MemoryStream();
        OnnxExporter.Export(Network(), stream);
        Assert.Equal(OnnxExporter.Export(Network()), stream.ToArray());
    }

    [Fact]
    public void Pruned_weights_are_written_with_their_zeros()
    {
        var model = Network();
        Array.Clear(model.Weights["conv.weight"].Values, 0, 9);
        var tensor = ModelProto
            .Parser.ParseFrom(OnnxExporter.Export(model))
            .Graph.Initializer.Single(tensor => tensor.Name == "conv.weight");
        Assert.Equal([4L, 2L, 3L, 3L], tensor.Dims);
        Assert.Equal(4 * 2 * 9 * sizeof(float), tensor.RawData.Length);
        Assert.All(tensor.RawData.Span[..(9 * sizeof(float))].ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Every_operator_of_the_graph_can_be_written()
    {
        var all = typeof(Operator).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Operator)) && !type.IsAbstract);
        Assert.Equal(
            all.Select(type => type.Name).Order(StringComparer.Ordinal),
            OperatorWriters.Supported.Select(type => type.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void A_missing_or_misshapen_weight_is_an_error()
    {
        var model = Network();
        var exception = Assert.Throws<SubpException>(() => OnnxExporter.Export(model with { Weights = new WeightSet() }));
        Assert.Equal(DiagnosticDescriptors.WeightMissing, exception.Diagnostic.Descriptor);
        model.Weights["conv.weight"] = new WeightTensor(new TensorShape(72), new float[72]);
        exception = Assert.Throws<SubpException>(() => OnnxExporter.Export(model));
        Assert.Equal(DiagnosticDescriptors.WeightShape, exception.Diagnostic.Descriptor);
    }

    private static Model Network()
    {
        var builder = new GraphBuilder("net");
        var conv = builder.Conv2d("conv", builder.Input("x", new TensorShape(1, 2, 5, 5)), 4, Window.Square(3, 1, 1), bias: true);
        builder.Output(builder.BatchNorm("y", conv));
        return Networks.WithWeights(builder.Build());
    }
}
