using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Pruning;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>
/// Builds the networks that are compared: from the model zoo and beside this file, with weights from a seed, so that anyone gets the same
/// ones without a download.
/// </summary>
internal static class SeededNetwork
{
    private const ulong Seed = 1;
    private const int Classes = 1000;
    private const int Size = 224;

    /// <summary>The packed and pruned network.</summary>
    public static Model Build(NetworkCase network)
    {
        var graph = Graph(network.Network, new TensorShape(network.Batch, 3, Size, Size));
        var weights = WeightInitializer.Initialize(graph, Seed);
        Normalise(graph, weights);
        var packed = PassPipeline.Pack(new Model(graph, weights));
        return network.Pruning is { } options ? PassPipeline.Pack(OneShotPruning.Prune(packed, options).Model) : packed;
    }

    private static Graph Graph(string name, TensorShape image) =>
        name switch
        {
            "densenet121" => DenseNet121.Build(name, image, Classes),
            "regnet-y-400mf" => RegNetY400MF.Build(name, image, Classes),
            _ => ModelZoo.Build(name, image, Classes),
        };

    // Freshly initialised normalisations have no mean and no bias, so that folding them would leave convolutions without a bias to add.
    // These are as far from that as those of trained networks.
    private static void Normalise(Graph graph, WeightSet weights)
    {
        var random = new DeterministicRandom(Seed + 1);
        foreach (var node in graph.Nodes.Where(node => node.Operator is BatchNorm))
        {
            foreach (var use in node.Operator.Parameters)
            {
                var values = weights[use.Name].Values;
                for (var index = 0; index < values.Length; index++)
                {
                    values[index] = use.Role is "scale" or "variance"
                        ? (float)(0.7 + (0.6 * random.NextDouble()))
                        : (float)(0.1 * random.NextGaussian());
                }
            }
        }
    }
}
