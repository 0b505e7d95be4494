using System.Diagnostics;
using Subp.Tooling.OnnxRuntime;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>A network that ONNX Runtime runs, with all its graph optimisations.</summary>
internal sealed class OnnxRuntimeContender : IContender
{
    private readonly OnnxRuntimeSession _session;
    private readonly OnnxRuntimePreparedRun _run;
    private readonly float[] _input;

    /// <summary>Creates a session.</summary>
    /// <param name="library">The library.</param>
    /// <param name="create">Creates the session, from bytes or a file.</param>
    /// <param name="input">The input, dense NCHW.</param>
    /// <param name="inputShape">Its dimensions.</param>
    /// <param name="outputShape">The dimensions of the output.</param>
    public OnnxRuntimeContender(
        OnnxRuntimeLibrary library,
        Func<OnnxRuntimeLibrary, OnnxRuntimeSession> create,
        float[] input,
        IReadOnlyList<int> inputShape,
        IReadOnlyList<int> outputShape
    )
    {
        _input = input;
        _session = create(library);
        _run = _session.Prepare(input, inputShape, outputShape);
        Name = $"ONNX Runtime {library.Version}";
    }

    public string Name { get; }

    public string Remark { get; init; } = "";

    public ReadOnlySpan<float> Input => _input;

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _run.Run();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    public float[] Output() => _run.Output.ToArray();

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
