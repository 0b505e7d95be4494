using System.Globalization;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Models;

namespace Subp.Benchmarks.Zoo;

/// <summary>
/// Writes a network of the zoo with random weights and its normalisations not folded, for measurements that weights do not change.
/// </summary>
internal static class ZooCommand
{
    private const int Classes = 1000;
    private const ulong Seed = 1;

    /// <summary>Runs the command: the network, the height and width of its images, the bundle to write.</summary>
    public static int Run(string[] arguments)
    {
        if (arguments is not [var network, var pixels, var path] || !int.TryParse(pixels, CultureInfo.InvariantCulture, out int extent))
        {
            Console.Error.WriteLine(
                "Expected a network, the height and width of its images, and a .subp file: resnet18 224 resnet18.subp."
            );
            return 2;
        }

        var graph = ModelZoo.Build(network, new TensorShape(1, 3, extent, extent), Classes);
        var bundle = ModelBundle.Write(new Model(graph, WeightInitializer.Initialize(graph, Seed)));
        File.WriteAllText(path, bundle.SubpText);
        File.WriteAllBytes(Path.ChangeExtension(path, ".safetensors"), bundle.Safetensors);
        return 0;
    }
}
