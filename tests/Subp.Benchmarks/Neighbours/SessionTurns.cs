using System.Diagnostics;
using Subp.Roslyn;

namespace Subp.Benchmarks.Neighbours;

/// <summary>A session, and the times of its runs.</summary>
internal sealed class SessionTurns : IDisposable
{
    private readonly NeighbourCase _network;
    private readonly ILoadedSession _session;
    private readonly float[] _input;
    private readonly float[] _output;

    /// <summary>Creates the session, and runs it until its code is compiled in full.</summary>
    public SessionTurns(NeighbourCase network, LoadedModel model, int threads)
    {
        _network = network;
        Threads = threads;
        _session = model.CreateSession(threads);
        _input = new float[model.InputLength];
        for (var index = 0; index < _input.Length; index++)
            _input[index] = index % 101 / 101f;
        _output = new float[model.OutputLength];
        for (var run = 0; run < network.RunsPerTurn; run++)
            _session.Run(_input, _output);
    }

    /// <summary>The network.</summary>
    public string Title => _network.Title;

    /// <summary>The number of threads.</summary>
    public int Threads { get; }

    /// <summary>Microseconds of the runs without a neighbour.</summary>
    public List<double> Quiet { get; } = [];

    /// <summary>Microseconds of the runs beside a busy process.</summary>
    public List<double> Busy { get; } = [];

    /// <summary>Runs as often as a turn has, one run directly after the other.</summary>
    public void Take(bool busy)
    {
        var times = busy ? Busy : Quiet;
        // What the turns of others have put to sleep or out of the caches does not count.
        for (var run = 0; run < _network.RunsPerTurn / 10; run++)
            _session.Run(_input, _output);
        for (var run = 0; run < _network.RunsPerTurn; run++)
        {
            var start = Stopwatch.GetTimestamp();
            _session.Run(_input, _output);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();
}
