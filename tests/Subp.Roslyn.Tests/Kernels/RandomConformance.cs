using System.Globalization;
using Subp.Compiler;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Any number of random networks against the reference interpreter: every instruction set, emulated where this processor lacks it, every thread count, and once
/// more in processes that see no AVX-512 and no vector instructions at all. Too slow for the test suite, which runs the first few;
/// <c>eng/random-networks</c> runs the rest.
/// </summary>
internal static class RandomConformance
{
    private const int Batch = 25;

    /// <summary>Runs the seeds of a range such as <c>1-500</c>; throws with the list of those that fail.</summary>
    public static void Run(string range)
    {
        var bounds = range.Split('-').Select(bound => int.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        var failures = new List<string>();
        InstructionEmulation.SwitchOn();
        foreach (var set in Enum.GetValues<InstructionSet>())
            Console.WriteLine($"kernels: {InstructionEmulation.Describe(set)}");
        for (var first = bounds[0]; first <= bounds[1]; first += Batch)
        {
            var seeds = Enumerable.Range(first, Math.Min(Batch, bounds[1] - first + 1)).ToArray();
            var found = RunBatch(seeds);
            Console.WriteLine($"seeds {seeds[0]} to {seeds[^1]}: {found.Count} failures");
            found.ForEach(Console.WriteLine);
            failures.AddRange(found);
        }

        if (failures.Count > 0)
            throw new InvalidOperationException($"{failures.Count} failures:\n{string.Join("\n", failures)}");
    }

    private static List<string> RunBatch(int[] seeds)
    {
        var folder = Directory.CreateTempSubdirectory("subp-random-");
        try
        {
            var failures = new List<string>();
            Parallel.ForEach(
                seeds,
                new ParallelOptions { MaxDegreeOfParallelism = 2 },
                seed =>
                    Collect(
                        failures,
                        $"seed {seed}",
                        () =>
                        {
                            var drawn = RandomCases.Case(seed);
                            KernelFixture.Build(folder.FullName, drawn);
                            KernelRunner.Check(folder.FullName, drawn.Name, model => model.InstructionSets);
                        }
                    )
            );
            if (System.Runtime.Intrinsics.X86.Avx2.IsSupported)
                Collect(failures, "without AVX-512", () => ChildProcess.Check(RunAvx2, folder.FullName, "DOTNET_EnableAVX512=0"));
            Collect(
                failures,
                "without vector instructions",
                () => ChildProcess.Check(RunPortable, folder.FullName, "DOTNET_EnableHWIntrinsic=0")
            );
            return failures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RunAvx2(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Avx2);

    private static void RunPortable(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Portable);

    private static void Collect(List<string> failures, string where, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            lock (failures)
                failures.Add($"{where}: {failure.Message}");
        }
    }
}
