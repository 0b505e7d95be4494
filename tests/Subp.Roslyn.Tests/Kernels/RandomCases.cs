using Subp.Compiler;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Whole random networks, the four modes of unrolling and batches of 1 to 3 in turn.</summary>
internal static class RandomCases
{
    /// <summary>What the name of each of these cases starts with.</summary>
    public const string Prefix = "random-";

    /// <summary>The networks of the test suite; <see cref="RandomConformance"/> runs as many as one likes.</summary>
    private const int Count = 32;

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(1, Count).Select(Case);

    /// <summary>
    /// The case of a seed; four of ten begin with a value of any rank, 0 to 5. Straight-line code of a large network is megabytes of C#,
    /// so those networks are small.
    /// </summary>
    public static KernelCase Case(int seed)
    {
        var unroll = (UnrollMode)(seed % 4);
        var options = new RandomGraphOptions
        {
            Batch = (seed % 3) + 1,
            LargestExtent = 13,
            LargestDepth = 5,
            Rank = (seed % 10) switch
            {
                3 => 2,
                6 => 4,
                1 or 9 => seed / 10 % 6,
                _ => null,
            },
            DrawsGeneralOperators = true,
        };
        if (unroll == UnrollMode.Full)
            options = options with { LargestExtent = 7, LargestDepth = 2, BlockLengths = [8, 16] };
        return new KernelCase($"{Prefix}{seed}", RandomGraph.Create(seed, options), unroll);
    }
}
