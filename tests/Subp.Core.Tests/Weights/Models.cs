using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Core.Tests.Weights;

/// <summary>Random weights for hand-made graphs.</summary>
internal static class Models
{
    public static Model Random(Graph graph, int seed)
    {
        var random = new Random(seed);
        var weights = new WeightSet();
        foreach (var parameter in graph.Parameters)
        {
            var stored = new float[parameter.Pattern is null
                ? parameter.Shape.ElementCount
                : parameter.Pattern.KeptBlocks * parameter.Pattern.BlockLength * (parameter.Shape.Rank == 4 ? parameter.Shape.Height * parameter.Shape.Width : 1)];
            for (var index = 0; index < stored.Length; index++)
                stored[index] = (random.NextSingle() + 0.25f) * (parameter.Name.EndsWith("variance", StringComparison.Ordinal) ? 1 : random.Next(2) - 0.5f);
            weights[parameter.Name] = new WeightTensor(parameter.Shape, parameter.Pattern is null ? stored : BlockSparseValues.Unpack(parameter, stored));
        }

        return new Model(graph, weights);
    }
}
