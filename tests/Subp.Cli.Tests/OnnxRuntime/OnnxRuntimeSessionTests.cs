using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Core.Operators;
using Subp.Onnx;
using Subp.Onnx.Tests;
using Subp.Testing;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Cli.Tests.OnnxRuntime;

[Trait("speed", "slow")]
public sealed class OnnxRuntimeSessionTests
{
    [Fact]
    public void Every_value_that_is_an_output_is_returned_and_agrees_with_the_interpreter()
    {
        var model = TinyClassifier.Build();
        var graph = model.Graph.With(outputs: ["classifier", "conv"]);
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "tiny", OnnxExporter.Export(model with { Graph = graph }), 1);
        var shape = graph.Inputs[0].Shape;
        var input = Enumerable.Range(0, shape.ElementCount).Select(index => (float)Math.Sin(index)).ToArray();
        var expected = new ReferenceInterpreter(model).RunAll(new Dictionary<string, float[]> { ["image"] = input });

        var outputs = session.Run(input, shape.Dimensions);

        Assert.Equal(["image"], session.InputNames);
        Assert.Equal(["classifier", "conv"], session.OutputNames);
        foreach (var (name, values) in session.OutputNames.Zip(outputs))
            Assert.Equal(expected[name].Select(value => (float)value), values, (left, right) => Math.Abs(left - right) <= 1e-4f);
    }

    // Networks of segmentation return classes.
    [Fact]
    public void Whole_numbers_of_an_output_are_compared_as_floats()
    {
        using var folder = new TemporaryFolder();
        var file = OnnxFile.Create([1, 3, 2, 2]).Node("ArgMax", "x", "y", OnnxFile.Integer("axis", 1));
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "classes", file.ToBytes(), 1);
        Assert.Equal([2, 0, 0, 1], session.Run([0, 9, 9, 0, 1, 1, 1, 2, 2, 2, 2, 1], [1, 3, 2, 2])[0]);
        File.WriteAllBytes(folder["classes.onnx"], file.ToBytes());
        CommandLine.Run("verify", folder["classes.onnx"], "--onnxruntime-lib", OnnxRuntimePackage.Library, "--random", "2").Succeeds();
    }

    [Fact]
    public void Bytes_that_are_no_network_are_answered_with_its_message()
    {
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        var exception = Assert.Throws<SubpException>(() => OnnxRuntimeSession.OfBytes(library, "broken", [1, 2, 3], 1));
        Assert.Equal(DiagnosticDescriptors.OnnxRuntimeFailed, exception.Diagnostic.Descriptor);
        Assert.NotEmpty(exception.Diagnostic.Found);
    }

    [Fact]
    public void An_input_of_another_shape_is_answered_with_its_message()
    {
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "tiny", OnnxExporter.Export(TinyClassifier.Build()), 1);
        Assert.Equal(
            DiagnosticDescriptors.OnnxRuntimeFailed,
            Assert.Throws<SubpException>(() => session.Run(new float[4], [1, 4])).Diagnostic.Descriptor
        );
    }

    [Fact]
    public void A_prepared_run_reads_its_input_and_writes_its_output_every_time()
    {
        var model = TinyClassifier.Build();
        var shape = model.Graph.Inputs[0].Shape;
        var input = new float[shape.ElementCount];
        var library = OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);
        using var session = OnnxRuntimeSession.OfBytes(library, "tiny", OnnxExporter.Export(model), 1);
        using var run = session.Prepare(input, shape.Dimensions, model.Graph.ShapeOf(model.Graph.Outputs[0]).Dimensions);
        for (var value = 1; value <= 2; value++)
        {
            Array.Fill(input, value);
            run.Run();
            Assert.Equal(session.Run(input, shape.Dimensions)[0], run.Output.ToArray());
        }
    }

    [Fact]
    public void Verify_compares_with_it_an_ONNX_file_and_a_bundle()
    {
        using var folder = new TemporaryFolder();
        var subp = TinyClassifier.Write(folder);
        File.WriteAllBytes(folder["tiny.onnx"], OnnxExporter.Export(TinyClassifier.Build()));
        foreach (var source in new[] { subp, folder["tiny.onnx"] })
        {
            var sessions = CommandLine
                .Run(
                    "verify",
                    source,
                    "--random",
                    "2",
                    "--threads",
                    "1",
                    "--isa",
                    "portable",
                    "--json",
                    "--onnxruntime-lib",
                    OnnxRuntimePackage.Library
                )
                .Succeeds()
                .Json()
                .GetProperty("sessions")
                .EnumerateArray()
                .ToArray();
            Assert.Equal(2, sessions.Length);
            Assert.StartsWith("ONNX Runtime ", sessions[1].GetProperty("reference").GetString(), StringComparison.Ordinal);
            Assert.InRange(sessions[1].GetProperty("maximumError").GetDouble(), 0, 1e-5);
        }
    }

    [Theory]
    // Two inputs and two outputs of different shapes; and two images of which the network makes one row of seven numbers.
    [InlineData("ports")]
    [InlineData("joined-batch")]
    public void Verify_compares_networks_of_every_interface(string network)
    {
        using var folder = new TemporaryFolder();
        var builder = new GraphBuilder("net");
        if (network == "ports")
        {
            var left = builder.Input("left", new TensorShape(1, 16, 5, 4));
            var right = builder.Input("right", new TensorShape(2, 3));
            builder.Output(builder.Conv2d("conv", left, 8, Window.Square(3, padding: 1), bias: true));
            builder.Output(builder.Linear("linear", right, 5));
        }
        else
        {
            var images = builder.Input("images", new TensorShape(2, 4, 3, 3));
            builder.Output(builder.Linear("linear", builder.Node("row", new Reshape(1, 72), images), 7));
        }

        File.WriteAllBytes(folder["net.onnx"], OnnxExporter.Export(RandomWeights.For(builder.Build(), seed: 3)));
        var sessions = CommandLine
            .Run("verify", folder["net.onnx"], "--random", "2", "--threads", "1", "--json", "--onnxruntime-lib", OnnxRuntimePackage.Library)
            .Succeeds()
            .Json()
            .GetProperty("sessions")
            .EnumerateArray()
            .ToArray();
        Assert.Contains(sessions, session => session.GetProperty("reference").GetString()!.StartsWith("ONNX", StringComparison.Ordinal));
        Assert.All(sessions, session => Assert.Equal(2, session.GetProperty("images").GetInt32()));
        Assert.All(sessions, session => Assert.InRange(session.GetProperty("maximumError").GetDouble(), 0, 1e-5));
        var layers = CommandLine
            .Run("verify", folder["net.onnx"], "--random", "1", "--per-layer", "--json", "--onnxruntime-lib", OnnxRuntimePackage.Library)
            .Succeeds()
            .Json()
            .GetProperty("layers")
            .EnumerateArray();
        Assert.Contains(layers, layer => layer.GetProperty("reference").GetString()!.StartsWith("ONNX", StringComparison.Ordinal));
    }
}
