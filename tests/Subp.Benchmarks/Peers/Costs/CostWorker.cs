using System.Diagnostics;
using System.Globalization;
using System.Runtime.Loader;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Processes;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Benchmarks.Peers.Costs;

/// <summary>A network to compile and to export, in a process that has compiled nothing before.</summary>
/// <param name="Network">The title in <see cref="NetworkCase.All"/>.</param>
/// <param name="Folder">Where the files go.</param>
internal sealed record CompileWork(string Network, string Folder);

/// <summary>What compiling took and made.</summary>
/// <param name="Milliseconds">From the packed network to the bytes of the DLL.</param>
/// <param name="DllBytes">The size of the DLL, weights included.</param>
/// <param name="WeightBytes">The size of the weights.</param>
/// <param name="OnnxBytes">The size of the ONNX file.</param>
/// <param name="InputShape">The dimensions of the input.</param>
/// <param name="OutputShape">The dimensions of the output.</param>
internal sealed record CompileAnswer(
    double Milliseconds,
    long DllBytes,
    long WeightBytes,
    long OnnxBytes,
    int[] InputShape,
    int[] OutputShape
);

/// <summary>A network to start in a fresh process.</summary>
/// <param name="File">The DLL or the ONNX file; null for a process that starts nothing, to know what an empty one takes.</param>
/// <param name="OnnxRuntime">The library of ONNX Runtime for an ONNX file.</param>
/// <param name="InputShape">The dimensions of the input.</param>
/// <param name="OutputShape">The dimensions of the output.</param>
internal sealed record StartWork(string? File, string? OnnxRuntime, int[] InputShape, int[] OutputShape);

/// <summary>What a start took.</summary>
/// <param name="LoadMilliseconds">Loading the assembly with its weights, or the library.</param>
/// <param name="SessionMilliseconds">Creating a session.</param>
/// <param name="FirstRunMilliseconds">The first run.</param>
/// <param name="ProcessorMilliseconds">The processor time of all three, on all threads.</param>
/// <param name="ResidentBytes">The memory of the process after some more runs.</param>
/// <param name="PrivateBytes">Of it, what is no mapped file and could not be dropped.</param>
internal sealed record StartAnswer(
    double LoadMilliseconds,
    double SessionMilliseconds,
    double FirstRunMilliseconds,
    double ProcessorMilliseconds,
    long ResidentBytes,
    long PrivateBytes
)
{
    /// <summary>From nothing to the first output.</summary>
    public double TotalMilliseconds => LoadMilliseconds + SessionMilliseconds + FirstRunMilliseconds;
}

/// <summary>Measures what happens once: compiling, and starting, each in a process of its own.</summary>
internal static class CostWorker
{
    /// <summary>The role of a process that compiles.</summary>
    public const string CompileRole = "compile";

    /// <summary>The role of a process that starts.</summary>
    public const string StartRole = "start";

    private const ulong InputSeed = 1;
    private const int RunsUntilSteady = 20;
    private const string Status = "/proc/self/status";

    // Those that `subp compile` has without being told.
    private static readonly CompileOptions Options = new() { ClassName = "Network" };

    private delegate void RunMethod(ReadOnlySpan<float> input, Span<float> output);

    /// <summary>Compiles and exports a network.</summary>
    public static void Compile(CompileWork work)
    {
        var model = SeededNetwork.Build(NetworkCase.All.Single(network => network.Title == work.Network));
        var start = Stopwatch.GetTimestamp();
        var network = CompiledNetwork.Compile(model, Options);
        var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var onnx = OnnxExporter.Export(model);
        File.WriteAllBytes(Path.Combine(work.Folder, "Network.dll"), network.Assembly.Assembly);
        File.WriteAllBytes(Path.Combine(work.Folder, "Network.onnx"), onnx);
        WorkerProgram.Answer(
            new CompileAnswer(
                time,
                network.Assembly.Assembly.Length,
                ModelBundle.Write(model).Safetensors.Length,
                onnx.Length,
                [.. model.Graph.Inputs[0].Shape.Dimensions],
                [.. model.Graph.ShapeOf(model.Graph.Outputs[0]).Dimensions]
            )
        );
    }

    /// <summary>Starts a network as a program that ships it would: from its file, with as many threads as it takes by itself.</summary>
    public static void Start(StartWork work)
    {
        var input = InputSet.OfRandom(new TensorShape(work.InputShape), 1, InputSeed)[0];
        var output = new float[work.OutputShape.Aggregate(1, (product, extent) => product * extent)];
        var processor = Environment.CpuUsage.TotalTime;
        var laps = new List<double>();
        var last = Stopwatch.GetTimestamp();
        Action run =
            work.File is null ? Nothing
            : work.OnnxRuntime is { } library ? OnnxRuntime(work, library, input, Lap)
            : Compiled(work.File, input, output, Lap);
        run();
        Lap();
        var used = Environment.CpuUsage.TotalTime - processor;
        for (var again = 0; again < RunsUntilSteady; again++)
            run();
        var (resident, @private) = Memory();
        while (laps.Count < 3)
            laps.Add(0);
        WorkerProgram.Answer(new StartAnswer(laps[0], laps[1], laps[2], used.TotalMilliseconds, resident, @private));

        static void Nothing() { }

        void Lap()
        {
            var now = Stopwatch.GetTimestamp();
            laps.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
            last = now;
        }
    }

    // Mapped from its file, as the runtime does with a referenced assembly; the loader of the tools reads files instead, so as not to lock
    // them.
    private static Action Compiled(string file, float[] input, float[] output, Action lap)
    {
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
        var type = assembly.GetType($"{Options.Namespace}.{Options.ClassName}", throwOnError: true)!;
        var model = type.GetProperty("Instance")!.GetValue(null);
        lap();
        var session = type.GetMethod("CreateSession", [typeof(int)])!.Invoke(model, [0])!;
        lap();
        var run = session.GetType().GetMethod("Run")!.CreateDelegate<RunMethod>(session);
        return () => run(input, output);
    }

    private static Action OnnxRuntime(StartWork work, string path, float[] input, Action lap)
    {
        var library = OnnxRuntimeLibrary.Load(path);
        lap();
        var session = OnnxRuntimeSession.OfFile(library, work.File!, Environment.ProcessorCount);
        lap();
        return session.Prepare(input, work.InputShape, work.OutputShape).Run;
    }

    private static (long Resident, long Private) Memory()
    {
        if (!File.Exists(Status))
            return (Environment.WorkingSet, 0);
        var lines = File.ReadAllLines(Status);
        return (Kilobytes("VmRSS:") * 1024, Kilobytes("RssAnon:") * 1024);

        long Kilobytes(string name) =>
            lines.FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } line
                ? long.Parse(
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^2],
                    CultureInfo.InvariantCulture
                )
                : 0;
    }
}
