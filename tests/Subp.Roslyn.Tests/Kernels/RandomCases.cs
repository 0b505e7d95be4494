using Subp.Compiler;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Whole random networks, the four modes of unrolling and batches of 1 to 3 in turn.</summary>
internal static class RandomCases
{
    /// <summary>What the name of each of these cases starts with.</summary>
    public const string Prefix = "random-";

    private const int Last = 28;

    /// <summary>Seeds whose straight-line code is megabytes long; compiling it would take as much time as all the others.</summary>
    private static readonly int[] s_long = [17, 20, 21, 25];

    /// <summary>The cases.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(1, Last).Except(s_long).Select(seed =>
    {
        var model = RandomGraph.Create(seed, new RandomGraphOptions { Batch = (seed % 3) + 1, LargestExtent = 13, LargestDepth = 4 });
        return new KernelCase($"{Prefix}{seed}", model, (UnrollMode)(seed % 4));
    });
}
