using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>
/// A network that ONNX Runtime's graph optimiser changes: it folds a padding with zeros into the maximum pool behind it, which pads with
/// minus infinity. Where all values are negative the border is 0 in the network and negative in what the optimiser makes of it.
/// </summary>
public sealed class OptimiserTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_the_optimiser_of_ONNX_Runtime_changes_is_its_own_fault()
    {
        var answer = Verify(Write(PaddedPool())).Succeeds();
        Assert.Contains("warning SUBP0750: ", answer.Error, StringComparison.Ordinal);
        Assert.Contains("The fault is in ONNX Runtime", answer.Error, StringComparison.Ordinal);
        var references = answer
            .Json()
            .GetProperty("sessions")
            .EnumerateArray()
            .Select(session => session.GetProperty("reference").GetString()!)
            .ToArray();
        Assert.EndsWith(", not optimised", references[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_folder_of_models_it_is_judged_too()
    {
        Write(PaddedPool());
        var answer = Verify(_folder.Path).Succeeds();
        Assert.Contains("warning SUBP0750: ", answer.Error, StringComparison.Ordinal);
        Assert.True(answer.Json().GetProperty("passed").GetBoolean());
    }

    [Fact]
    public void Layer_by_layer_the_optimiser_has_no_part()
    {
        var answer = Verify(Write(PaddedPool()), "--per-layer").Succeeds();
        Assert.Contains(
            answer.Json().GetProperty("layers").EnumerateArray(),
            layer => layer.GetProperty("reference").GetString()!.EndsWith(", not optimised", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Where_compiled_code_differs_from_both_it_is_to_blame()
    {
        // The DLL has other weights than the bundle that it is compared with, of the same structure.
        TinyClassifier.Write(_folder, "other", seed: 2);
        CommandLine
            .Run(
                "compile",
                TinyClassifier.Write(_folder, "tiny", seed: 1),
                "-o",
                _folder["Tiny.dll"],
                "--threads",
                "1",
                "--isa",
                "portable"
            )
            .Succeeds();
        var answer = Verify(_folder["Tiny.dll"], "--reference", _folder["other.subp"]);
        Assert.Equal(4, answer.Code);
        Assert.Contains(
            "The reference interpreter agrees with ONNX Runtime: the fault is in the compiled code",
            answer.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("SUBP0750", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_nobody_changes_is_compared_once()
    {
        var answer = Verify(TinyClassifier.Write(_folder)).Succeeds();
        Assert.DoesNotContain("not optimised", answer.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("SUBP0750", answer.Error, StringComparison.Ordinal);
    }

    private static Model PaddedPool()
    {
        var builder = new GraphBuilder("padded-pool");
        var value = builder.Conv2d("conv", builder.Input("image", new TensorShape(1, 3, 6, 5)), 16, Window.Square(1), bias: true);
        value = builder.Node("pad", new Pad { Padding = Padding.All(1) }, value);
        builder.Output(builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2) }, value));
        var graph = builder.Build();
        var weights = new WeightSet();
        // Everything that the pool sees is negative: an input within one standard unit or a few, times 0.1, less 9.
        foreach (var parameter in graph.Parameters)
        {
            var values = new float[parameter.Shape.ElementCount];
            for (var index = 0; index < values.Length; index++)
                values[index] = parameter.Shape.Rank == 1 ? -9 - index : 0.1f;
            weights[parameter.Name] = new WeightTensor(parameter.Shape, values);
        }

        return new Model(graph, weights);
    }

    private string Write(Model model)
    {
        File.WriteAllBytes(_folder["padded-pool.onnx"], OnnxExporter.Export(model));
        return _folder["padded-pool.onnx"];
    }

    private static CommandLine Verify(string source, params string[] more) =>
        CommandLine.Run([
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
            OnnxRuntimePackage.Library,
            .. more,
        ]);
}
