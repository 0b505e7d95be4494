using Subp.Compiler;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>The random networks of <see cref="RandomCases"/> with bytes in place of floats.</summary>
internal static class RandomIntegerCases
{
    /// <summary>What the name of each of these cases starts with.</summary>
    public const string Prefix = RandomCases.Prefix + "bytes-";

    private const int Count = 17;

    // Its clamps leave nothing but zeros, and such a network proves nothing.
    private const int SeedOfZeros = 3;

    /// <summary>The cases of the test suite; <see cref="RandomConformance"/> runs as many as one likes.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(1, Count).Where(seed => seed != SeedOfZeros).Select(Case);

    /// <summary>The case of a seed.</summary>
    public static KernelCase Case(int seed)
    {
        var options = new RandomGraphOptions
        {
            Batch = (seed % 3) + 1,
            LargestExtent = 13,
            LargestDepth = 5,
            Rank = (seed % 4) == 3 ? 2 : null,
        };
        var graph = QuantizedGraph.Of(RandomGraph.Create(seed, options).Graph, seed);
        var model = RandomWeights.For(graph.With(name: $"{Prefix}{seed}"), seed: 1);
        return new KernelCase($"{Prefix}{seed}", model, UnrollMode.Auto);
    }
}
