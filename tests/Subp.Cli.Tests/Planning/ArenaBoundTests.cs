using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Graphs;
using Subp.Onnx;
using Subp.Training.Models;

namespace Subp.Cli.Tests.Planning;

/// <summary>
/// The arena of a network is at most 1.2 times the largest set of values that live at once: no plan could be smaller than that set.
/// </summary>
public sealed class ArenaBoundTests
{
    private const double MostOfBound = 1.2;

    public static TheoryData<string> Exports =>
        [
            .. Directory
                .GetFiles(ExportFolder, "*.onnx")
                .Select(file => Path.GetFileNameWithoutExtension(file))
                .Order(StringComparer.Ordinal),
        ];

    public static TheoryData<string> ZooNames => [.. ModelZoo.Names];

    private static string ExportFolder => Path.Combine(RepositoryRoot.Path, "tests", "Subp.Onnx.Tests", "Data", "torchvision");

    [Theory]
    [MemberData(nameof(ZooNames))]
    public void A_network_of_the_zoo_is_close_to_the_bound(string name)
    {
        var image =
            name.StartsWith("fashion", StringComparison.Ordinal) ? new TensorShape(1, 1, 28, 28)
            : name.StartsWith("cifar", StringComparison.Ordinal) ? new TensorShape(1, 3, 32, 32)
            : new TensorShape(1, 3, 224, 224);
        RequireClose(ModelZoo.Build(name, image, classes: 10));
    }

    [Theory]
    [MemberData(nameof(Exports))]
    public void An_exported_network_is_close_to_the_bound(string name) =>
        RequireClose(PassPipeline.Pack(OnnxImporter.ImportFile(Path.Combine(ExportFolder, name + ".onnx"))).Graph);

    private static void RequireClose(Graph graph)
    {
        var plan = ModelPlanner.Plan(graph, new CompileOptions());
        Assert.InRange(plan.ArenaLength / (double)plan.ArenaLowerBound, 1.0, MostOfBound);
    }
}
