using System.Globalization;
using Subp.Benchmarks.Peers.Contenders;
using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Processes;
using Subp.Core.Graphs;
using Subp.Roslyn;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>What one child of the networks table holds: one network in one library, with a session for each thread count.</summary>
/// <param name="File">The compiled network or the ONNX file.</param>
/// <param name="OnnxRuntime">The library of ONNX Runtime that runs the file, or null for a compiled network.</param>
/// <param name="Threads">The thread counts.</param>
/// <param name="InputShape">The dimensions of the input.</param>
/// <param name="OutputShape">The dimensions of the output.</param>
/// <param name="HideAvx512">The library that hides AVX-512 from ONNX Runtime, or null where it may use it.</param>
internal sealed record NetworkWork(
    string File,
    string? OnnxRuntime,
    int[] Threads,
    int[] InputShape,
    int[] OutputShape,
    string? HideAvx512 = null
);

/// <summary>
/// Answers <c>name</c>, <c>burst i</c> with the microseconds of the i-th session, and <c>output i</c> with what that computed, until its
/// input ends.
/// </summary>
internal static class NetworkWorker
{
    /// <summary>The role of the process.</summary>
    public const string Role = "network";

    private const ulong InputSeed = 1;
    private const double BurstMilliseconds = 40;

    /// <summary>Plays the role.</summary>
    public static void Run(NetworkWork work)
    {
        if (work.HideAvx512 is { } hider)
            HiddenAvx512.Hide(hider);
        var input = InputSet.OfRandom(new TensorShape(work.InputShape), 1, InputSeed)[0];
        using var model = work.OnnxRuntime is null ? LoadedModel.Load(work.File) : null;
        var library = work.OnnxRuntime is { } path ? OnnxRuntimeLibrary.Load(path) : null;
        var contenders = work
            .Threads.Select(threads =>
                library is not null
                    ? (IContender)
                        new OnnxRuntimeContender(
                            library,
                            loaded => OnnxRuntimeSession.OfFile(loaded, work.File, threads),
                            input,
                            work.InputShape,
                            work.OutputShape
                        )
                    : new CompiledNetworkContender(model!, threads, input)
            )
            .ToArray();
        // So that no first burst is special.
        foreach (var contender in contenders)
            contender.Run();
        while (Console.In.ReadLine()?.Split(' ') is { } words)
        {
            var contender = contenders[words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 0];
            switch (words[0])
            {
                case "name":
                    WorkerProgram.Answer(contender.Name);
                    break;
                case "burst":
                    WorkerProgram.Answer(Burst.Fastest(contender, BurstMilliseconds));
                    break;
                case "output":
                    WorkerProgram.Answer(contender.Output());
                    break;
                default:
                    throw new ArgumentException($"There is no request '{words[0]}'.");
            }
        }

        foreach (var contender in contenders.Reverse())
            contender.Dispose();
    }
}
