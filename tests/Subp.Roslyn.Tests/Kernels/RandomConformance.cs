using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Text;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Any number of random networks against the reference interpreter: every instruction set, emulated where this processor lacks it, every
/// thread count, and once more in processes that see no AVX-512 and no vector instructions at all. What fails is shrunk and printed. Too
/// slow for the test suite, which runs the first few; <c>eng/random-networks</c> runs the rest.
/// </summary>
internal static class RandomConformance
{
    private const int Batch = 25;

    private static int s_refused;

    /// <summary>Runs the seeds of a range such as <c>1-500</c>; throws with the list of those that fail.</summary>
    public static void Run(string range) => Compare(range, RandomCases.Case);

    /// <summary>The same for networks of bytes.</summary>
    public static void RunBytes(string range) => Compare(range, RandomIntegerCases.Case);

    /// <summary>The same for networks of bytes whose layers are cut at random.</summary>
    public static void RunCuts(string range) => Compare(range, RandomCutCases.Case);

    /// <summary>The same for networks of which layers lie in stripes.</summary>
    public static void RunStripes(string range) => Compare(range, RandomStripeCases.Case);

    /// <summary>The same for stems with the pool behind them.</summary>
    public static void RunStems(string range) => Compare(range, RandomStemCases.Case);

    /// <summary>Networks of bytes in the form that kernels take on processors with AVX-VNNI, which is emulated.</summary>
    public static void RunDots(string range) => Compare(range, RandomIntegerCases.Case, "AvxVnni");

    /// <summary>The same on a processor of the other vendor.</summary>
    public static void RunDotsOfOtherVendor(string range) =>
        Compare(range, RandomIntegerCases.Case, "AvxVnni", InstructionEmulation.OtherVendor);

    private static void Compare(string range, Func<int, KernelCase> draw, params string[] emulated)
    {
        var bounds = range.Split('-').Select(bound => int.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
        var failures = new List<string>();
        var watch = Stopwatch.StartNew();
        InstructionEmulation.SwitchOn();
        foreach (var set in Enum.GetValues<InstructionSet>())
            Console.WriteLine($"kernels: {InstructionEmulation.Describe(set)}");
        for (var first = bounds[0]; first <= bounds[1]; first += Batch)
        {
            var seeds = Enumerable.Range(first, Math.Min(Batch, bounds[1] - first + 1)).ToArray();
            var found = RunBatch(seeds, draw, emulated);
            var pace = (seeds[^1] - bounds[0] + 1) / watch.Elapsed.TotalMinutes;
            Console.WriteLine(
                FormattableString.Invariant(
                    $"seeds {seeds[0]} to {seeds[^1]}: {found.Count} failures, {s_refused} refused so far, {pace:F1} seeds a minute"
                )
            );
            found.ForEach(Console.WriteLine);
            failures.AddRange(found);
        }

        if (failures.Count > 0)
            throw new InvalidOperationException($"{failures.Count} failures:\n{string.Join("\n", failures)}");
    }

    private static List<string> RunBatch(int[] seeds, Func<int, KernelCase> draw, string[] emulated)
    {
        var folder = Directory.CreateTempSubdirectory("subp-random-");
        try
        {
            var failures = new List<string>();
            Parallel.ForEach(
                seeds,
                new ParallelOptions { MaxDegreeOfParallelism = 2 },
                seed =>
                {
                    var drawn = draw(seed);
                    if (Failure(folder.FullName, drawn, emulated) is { } failure)
                        Add(failures, $"seed {seed}: {failure}\nthe smallest network that fails:\n{Smallest(drawn, emulated)}");
                }
            );
            if (Directory.EnumerateFiles(folder.FullName, "*.dll").Any())
            {
                if (Avx512F.IsSupported)
                    Child(failures, "without AVX-512", () => ChildProcess.Check(RunAvx2, folder.FullName, "DOTNET_EnableAVX512=0"));
                Child(
                    failures,
                    "without vector instructions",
                    () => ChildProcess.Check(RunPortable, folder.FullName, "DOTNET_EnableHWIntrinsic=0")
                );
            }

            return failures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Null where the network is right.
    private static string? Failure(string folder, KernelCase drawn, string[] emulated)
    {
        try
        {
            KernelFixture.Build(folder, drawn, emulated);
            if (KernelRunner.Floats(KernelRunner.Path(folder, drawn.Name, "expected")).All(value => value == 0))
            {
                // A network of zeros proves nothing; the child processes skip it, too.
                File.Delete(KernelRunner.Path(folder, drawn.Name, "dll"));
                return null;
            }

            KernelRunner.Check(folder, drawn.Name, model => model.InstructionSets.Where(model.IsSupported));
            return null;
        }
        catch (SubpException refusal) when (refusal.Diagnostic.Descriptor == DiagnosticDescriptors.NoKernelForOperator)
        {
            // Refused by name is no wrong answer; the counter says how many networks were.
            Interlocked.Increment(ref s_refused);
            return null;
        }
        catch (Exception failure)
        {
            return failure.Message;
        }
    }

    private static string Smallest(KernelCase drawn, string[] emulated)
    {
        var folder = Directory.CreateTempSubdirectory("subp-shrunk-");
        try
        {
            bool Fails(Graph graph) =>
                Failure(folder.FullName, drawn with { Model = RandomWeights.For(graph, seed: 1) }, emulated) is not null;
            return SubpPrinter.Print(GraphShrinker.Shrink(drawn.Model.Graph, Fails));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void RunAvx2(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Avx2);

    private static void RunPortable(string folder) => KernelRunner.CheckAll(folder, InstructionSet.Portable);

    private static void Child(List<string> failures, string where, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure)
        {
            Add(failures, $"{where}: {failure.Message}");
        }
    }

    private static void Add(List<string> failures, string failure)
    {
        lock (failures)
            failures.Add(failure);
    }
}
