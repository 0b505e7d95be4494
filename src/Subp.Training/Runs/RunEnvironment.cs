using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text.Encodings.Web;
using System.Text.Json;
using Subp.Core.Graphs;
using Subp.Training.Engines;

namespace Subp.Training.Runs;

/// <summary>
/// What a run was computed on and with, for env.json: processor, instruction sets, runtime, engine and libraries. It differs from machine
/// to machine, so that nothing which is compared between runs may hold it.
/// </summary>
public static class RunEnvironment
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        // The file is no part of a page: a plus sign in a version may stay one.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The text of env.json.</summary>
    /// <param name="engine">The engine of the run.</param>
    /// <param name="firstEpoch">The epoch with which this process began: above 0 where the run was resumed.</param>
    internal static string Print(ITrainingEngine engine, int firstEpoch) =>
        JsonSerializer.Serialize(
            new
            {
                processor = ProcessorName.Current,
                processors = Environment.ProcessorCount,
                architecture = RuntimeInformation.ProcessArchitecture.ToString(),
                instructionSets = InstructionSets(),
                system = RuntimeInformation.OSDescription,
                runtime = RuntimeInformation.FrameworkDescription,
                engine = engine.Description,
                threads = engine.Settings.Threads,
                device = engine.Settings.Device,
                firstEpoch,
                libraries = Libraries(engine),
            },
            s_options
        ) + "\n";

    private static IReadOnlyList<string> InstructionSets() =>
        [
            .. new[]
            {
                ("avx2", Avx2.IsSupported),
                ("fma", Fma.IsSupported),
                ("avx512f", Avx512F.IsSupported),
                ("avx512bw", Avx512BW.IsSupported),
                ("avx512vl", Avx512F.VL.IsSupported),
                ("avx512vbmi", Avx512Vbmi.IsSupported),
            }
                .Where(set => set.Item2)
                .Select(set => set.Item1),
        ];

    // What the engine stands on, found from its references: TorchSharp for one engine, nothing for the other.
    private static SortedDictionary<string, string> Libraries(ITrainingEngine engine)
    {
        var own = new[] { typeof(RunEnvironment).Assembly, typeof(Graph).Assembly, engine.GetType().Assembly };
        var versions = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var assembly in own)
            versions[assembly.GetName().Name!] = VersionOf(assembly);
        foreach (var reference in engine.GetType().Assembly.GetReferencedAssemblies())
        {
            if (reference.Name is { } name && !name.StartsWith("System", StringComparison.Ordinal))
                versions.TryAdd(name, reference.Version?.ToString() ?? "");
        }

        return versions;
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? assembly.GetName().Version!.ToString();
}
