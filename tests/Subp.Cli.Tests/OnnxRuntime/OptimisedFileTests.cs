using Microsoft.ML.OnnxRuntime;
using Subp.Core.Interpretation;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Testing;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Verification;

namespace Subp.Cli.Tests.OnnxRuntime;

/// <summary>Files that ONNX Runtime's optimiser wrote are read as the networks that they were made from.</summary>
public sealed class OptimisedFileTests : IDisposable
{
    private static readonly string s_networks = Path.Combine(RepositoryRoot.Path, "tests", "Subp.Onnx.Tests", "Data", "torchvision");

    private readonly TemporaryFolder _folder = new();

    // The managed half binds to the library that is there when it is first used, and these tests use it without the tool.
    public OptimisedFileTests() => OnnxRuntimeLibrary.Load(OnnxRuntimePackage.Library);

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(s_networks, "*.onnx").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [Trait("speed", "slow")]
    [MemberData(nameof(Names))]
    public void An_optimised_network_of_torchvision_computes_the_same(string name)
    {
        var source = Path.Combine(s_networks, $"{name}.onnx");
        foreach (var level in new[] { GraphOptimizationLevel.ORT_ENABLE_BASIC, GraphOptimizationLevel.ORT_ENABLE_EXTENDED })
        {
            var optimised = _folder[$"{name}-{level}.onnx"];
            using (var options = new SessionOptions { GraphOptimizationLevel = level, OptimizedModelFilePath = optimised })
            using (new InferenceSession(source, options)) { }
            var (expected, found) = (Run(OnnxImporter.ImportFile(source)), Run(OnnxImporter.ImportFile(optimised)));
            Assert.InRange(ErrorFigures.Between(found, expected).Relative, 0, 1e-5);
        }
    }

    [Fact]
    public void Convolutions_are_fused_in_such_files()
    {
        using (
            var options = new SessionOptions
            {
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                OptimizedModelFilePath = _folder["optimised.onnx"],
            }
        )
        using (new InferenceSession(Path.Combine(s_networks, "resnet18.onnx"), options)) { }
        Assert.Contains("FusedConv", File.ReadAllText(_folder["optimised.onnx"]), StringComparison.Ordinal);
    }

    private static float[] Run(Model model)
    {
        var input = InputSet.OfRandom(JoinedInputs.ShapeOf(model.Graph), 1, seed: 5)[0];
        var output = new float[model.Graph.Outputs.Sum(name => model.Graph.ShapeOf(name).ElementCount)];
        new ReferenceInterpreter(model).Run(input, output);
        return output;
    }
}
