using System.Diagnostics;
using Subp.Roslyn;

namespace Subp.Tooling.Benchmarking;

/// <summary>
/// Times one session: whole runs, and the layers inside. The figure of a round is the fastest of its runs: on a machine that others use as
/// well, the slower ones tell about the others.
/// </summary>
internal sealed class SessionTimer
{
    private const double CalibrationMicroseconds = 2000;
    private readonly ILoadedSession _session;
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly double[] _layers;
    private readonly double[] _fastestLayers;
    private readonly List<double> _runs = [];
    private readonly List<double>[] _layerRuns;
    private int _repetitions = 4;

    /// <summary>Prepares to time a session, and warms it up.</summary>
    public SessionTimer(ILoadedSession session, float[] input, int outputLength)
    {
        _session = session;
        _input = input;
        _output = new float[outputLength];
        _layers = new double[session.LayerNames.Count];
        _fastestLayers = new double[session.LayerNames.Count];
        _layerRuns = [.. session.LayerNames.Select(_ => new List<double>())];
        Calibrate();
    }

    /// <summary>The time of one run.</summary>
    public Timing Run => Timing.Of(_runs);

    /// <summary>The time of each run, one per round, for ratios within a round.</summary>
    public IReadOnlyList<double> Runs => _runs;

    /// <summary>The layers, in order.</summary>
    public IReadOnlyList<string> LayerNames => _session.LayerNames;

    /// <summary>The time of one layer.</summary>
    public Timing Layer(int index) => Timing.Of(_layerRuns[index]);

    /// <summary>The time of one layer, one per round.</summary>
    public IReadOnlyList<double> LayerRuns(int index) => _layerRuns[index];

    /// <summary>One round: about two milliseconds of whole runs, but four at least, then as many profiled ones.</summary>
    public void Measure()
    {
        // The first run after another session had the caches and the worker threads is not counted.
        _session.Run(_input, _output);
        var fastest = double.MaxValue;
        for (var repetition = 0; repetition < _repetitions; repetition++)
        {
            var start = Stopwatch.GetTimestamp();
            _session.Run(_input, _output);
            fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        _runs.Add(fastest);
        Array.Fill(_fastestLayers, double.MaxValue);
        for (var repetition = 0; repetition < _repetitions; repetition++)
        {
            _session.RunProfiled(_input, _output, _layers);
            for (var layer = 0; layer < _layers.Length; layer++)
                _fastestLayers[layer] = Math.Min(_fastestLayers[layer], _layers[layer]);
        }

        for (var layer = 0; layer < _layers.Length; layer++)
            _layerRuns[layer].Add(_fastestLayers[layer]);
    }

    private void Calibrate()
    {
        for (var pass = 0; pass < 2; pass++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var repetition = 0; repetition < _repetitions; repetition++)
                _session.Run(_input, _output);
            var each = Math.Max(0.1, Stopwatch.GetElapsedTime(start).TotalMicroseconds / _repetitions);
            _repetitions = Math.Clamp((int)(CalibrationMicroseconds / each), 4, 10_000);
        }
    }
}
