using System.Diagnostics;
using Subp.Roslyn;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>A whole network, compiled by this repository.</summary>
internal sealed class CompiledNetworkContender : IContender
{
    private readonly ILoadedSession _session;
    private readonly float[] _input;
    private readonly float[] _output;

    /// <summary>Creates a session.</summary>
    /// <param name="model">The compiled network, which must outlive this.</param>
    /// <param name="threads">The number of threads.</param>
    /// <param name="input">The input, dense NCHW.</param>
    public CompiledNetworkContender(LoadedModel model, int threads, float[] input)
    {
        _session = model.CreateSession(threads);
        _input = input;
        _output = new float[model.OutputLength];
    }

    public string Name => "SUBP";

    public string Remark => "";

    public ReadOnlySpan<float> Input => _input;

    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        _session.Run(_input, _output);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    public float[] Output() => _output;

    public void Dispose() => _session.Dispose();
}
