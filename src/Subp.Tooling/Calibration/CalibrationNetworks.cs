using Subp.Compiler;
using Subp.Compiler.Packing;
using Subp.Compression.Precision;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Quantizing;
using Subp.Training.Models;
using Subp.Training.Pruning;

namespace Subp.Tooling.Calibration;

/// <summary>
/// The networks whose layers are timed: between them they have the kernels of all families that published networks spend their time in, at
/// several rates, with weights as cold as in use. Their weights are random; nothing depends on these.
/// </summary>
internal static class CalibrationNetworks
{
    private const int Classes = 1000;
    private const ulong Seed = 1;
    private static readonly TensorShape s_image = new(1, 3, 224, 224);

    /// <summary>The networks, with the hints that make them use kernels that the planner would not choose everywhere.</summary>
    /// <param name="options">The options that they are compiled with.</param>
    public static IEnumerable<Model> All(CompileOptions options)
    {
        var basic = Build("resnet18", 0.75, 16);
        yield return basic;
        yield return WithAlgorithm(basic, options, "winograd2");
        yield return WithAlgorithm(Build("resnet18", 0.5, 16), options, "direct");
        yield return Build("resnet50", 0.75, 16);
        yield return Build("resnet50", 0.5, 32);
        // Blocks that are short enough for stripes of pixels.
        yield return Build("resnet50", 0.75, 8);
        yield return Build("mobilenet-v1", 0.5, 16);
        yield return Build("mobilenet-v1", 0, 0);
        yield return Pruned(JoinedNetwork.Build(s_image, Classes), 0.75, 16);
        yield return Pruned(GatedNetwork.Build(s_image, Classes), 0.75, 16);
        // Layers of bytes.
        yield return RandomRanges.Quantize(basic, CancellationToken.None);
        yield return RandomRanges.Quantize(Build("mobilenet-v1", 0.5, 16), CancellationToken.None);
        yield return OfFewBits("resnet18", 0.75, 16);
        // Dense weights, which outgrow the last cache of most processors.
        var dense = Build("resnet18", 0, 0);
        yield return WithAlgorithm(dense, options, "direct");
        yield return WithAlgorithm(dense, options, "winograd2");
        yield return WithAlgorithm(dense, options, "winograd4");
    }

    // 16-bit sums hold many products of 2 bits and few of 4.
    private static Model OfFewBits(string name, double sparsity, int blockLength)
    {
        var graph = ModelZoo.Build(name, s_image, Classes);
        var bits = LayerBits.Uniform(graph, 2).Select((layer, index) => (layer.Key, Math.Max(layer.Value, index % 2 == 0 ? 2 : 4)));
        var options = new RoundingOptions(bits.ToDictionary(StringComparer.Ordinal), PrecisionCompensation.None);
        var rounded = WeightRounding.Round(new Model(graph, WeightInitializer.Initialize(graph, Seed)), options);
        return new FindFewBits().Run(RandomRanges.Quantize(Pruned(rounded, sparsity, blockLength), CancellationToken.None));
    }

    private static Model Build(string name, double sparsity, int blockLength) =>
        Pruned(ModelZoo.Build(name, s_image, Classes), sparsity, blockLength);

    private static Model Pruned(Graph graph, double sparsity, int blockLength) =>
        Pruned(new Model(graph, WeightInitializer.Initialize(graph, Seed)), sparsity, blockLength);

    private static Model Pruned(Model model, double sparsity, int blockLength)
    {
        var packed = PassPipeline.Pack(model);
        if (blockLength == 0)
            return packed;
        var options = new PruneOptions { Sparsity = sparsity, BlockLength = blockLength };
        return PassPipeline.Pack(OneShotPruning.Prune(packed, options).Model);
    }

    private static Model WithAlgorithm(Model model, CompileOptions options, string word)
    {
        var hints = PlanHints.Create();
        foreach (var node in CompiledNetwork.PlanOf(model, options).Graph.Nodes)
        {
            if (node.Operator is Conv2d { Groups: 1, Window: { Kernel: { Height: 3, Width: 3 }, Stride: { Height: 1, Width: 1 } } })
                hints.Add(node.Name, "algorithm", word);
        }

        return model with
        {
            Hints = hints.Build(),
        };
    }
}
