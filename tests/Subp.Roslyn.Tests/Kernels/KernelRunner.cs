using System.Runtime.InteropServices;
using Subp.Compiler;
using Subp.Roslyn.Tests.Emulation;
using Subp.Testing;
using Xunit;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Runs compiled cases against what the reference interpreter computed for them.</summary>
internal static class KernelRunner
{
    /// <summary>Float rounding of one short chain of layers, relative to the largest output; whole random networks are deeper.</summary>
    private const float Tolerance = 1e-5f,
        DeepTolerance = 2e-5f;

    /// <summary>A file of a case.</summary>
    public static string Path(string folder, string name, string extension) => System.IO.Path.Combine(folder, $"{name}.{extension}");

    /// <summary>Runs one case on some instruction sets and on every thread count, or on the largest only.</summary>
    public static void Check(
        string folder,
        string name,
        Func<LoadedModel, IEnumerable<InstructionSet>> sets,
        bool largestThreadCountOnly = false
    )
    {
        using var model = LoadedModel.Load(Path(folder, name, "dll"));
        var input = Floats(Path(folder, name, "input"));
        var expected = Floats(Path(folder, name, "expected"));
        var largest = expected.Max(Math.Abs);
        Assert.True(largest > 0, "The network computes nothing but zeros, which proves nothing.");
        var allowed =
            name.StartsWith(Families.IntegerCases.Prefix, StringComparison.Ordinal) ? 0
            : name.StartsWith(RandomCases.Prefix, StringComparison.Ordinal) ? largest * DeepTolerance
            : largest * Tolerance;
        // A child process runs what the processor has left; everything else is emulated.
        foreach (var set in sets(model).Where(model.IsSupported))
        {
            // How work divides does not depend on instructions, and emulated ones take far longer.
            var isShort = largestThreadCountOnly || InstructionEmulation.IsEmulated(set);
            foreach (var threads in model.SupportedThreadCounts.Skip(isShort ? model.SupportedThreadCounts.Count - 1 : 0))
            {
                using var session = model.CreateSession(threads, set);
                ScratchMemory.Fill(session);
                var first = Run(session, input, expected.Length);
                var run = $"{name}, {InstructionEmulation.Describe(set)}, {threads} threads";
                // The second run finds the values of the first in its arena and in its scratch memory.
                var second = Run(session, input, expected.Length);
                var error = expected.Zip(first, (wanted, got) => float.IsNaN(got) ? float.PositiveInfinity : Math.Abs(wanted - got)).Max();
                Assert.True(error <= allowed, $"{run}: error {error}, allowed {allowed}. Layers: {string.Join(", ", session.LayerNames)}");
                Assert.True(SameBits(first, second), $"{run}: the second run gives other bits than the first.");
            }
        }
    }

    /// <summary>
    /// Runs every case of a folder on the best instruction set, which must be the given one; for child processes. The parent runs the same
    /// code on every thread count, and without vector instructions a run takes far longer, so here the largest count is enough, and some
    /// of the cases where not all are asked for.
    /// </summary>
    public static void CheckAll(string folder, InstructionSet best)
    {
        var failures = new List<string>();
        var files = Directory.GetFiles(folder, "*.dll").Order(StringComparer.Ordinal).Sample(4).ToArray();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            try
            {
                Check(
                    folder,
                    System.IO.Path.GetFileNameWithoutExtension(file),
                    model =>
                    {
                        Assert.Equal(best, model.BestInstructionSet);
                        return [best];
                    },
                    largestThreadCountOnly: true
                );
            }
            catch (Exception failure)
            {
                failures.Add(failure.Message);
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    /// <summary>The numbers of a file.</summary>
    public static float[] Floats(string file) => MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(file)).ToArray();

    /// <summary>Whether two outputs are the same to the last bit.</summary>
    public static bool SameBits(float[] left, float[] right) =>
        MemoryMarshal.AsBytes<float>(left).SequenceEqual(MemoryMarshal.AsBytes<float>(right));

    private static float[] Run(ILoadedSession session, float[] input, int length)
    {
        var output = new float[length];
        Array.Fill(output, float.NaN);
        session.Run(input, output);
        return output;
    }
}
