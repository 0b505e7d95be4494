using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;

namespace Subp.Benchmarks.Peers.Measuring;

/// <summary>A network that is timed layer by layer on one thread, with what its layers multiply.</summary>
internal sealed class ProfiledNetwork : IDisposable
{
    private readonly LoadedModel _model;
    private readonly ILoadedSession _session;
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly double[] _times;
    private readonly double[] _best;
    private readonly bool[] _isCounted;
    private readonly bool[] _isDense;

    /// <summary>Compiles a network.</summary>
    /// <param name="network">The packed network.</param>
    /// <param name="options">The compile options.</param>
    /// <param name="input">The input.</param>
    /// <param name="only">The only layer that counts, or null for all of them.</param>
    public ProfiledNetwork(Model network, CompileOptions options, float[] input, string? only = null)
    {
        var compiled = CompiledNetwork.Compile(network, options);
        Plan = compiled.Plan;
        var layers = Plan.Layers;
        _isCounted = [.. layers.Select(layer => only is null || layer.Node.Name == only)];
        _isDense = [.. layers.Select(layer => layer.KeptMacs == layer.DenseMacs)];
        DenseMacs = layers.Where(layer => _isCounted[layer.Index]).Sum(layer => layer.DenseMacs);
        KeptMacs = layers.Where(layer => _isCounted[layer.Index]).Sum(layer => layer.KeptMacs);
        UnprunedMacs = layers.Where(layer => _isCounted[layer.Index] && _isDense[layer.Index]).Sum(layer => layer.DenseMacs);
        _model = LoadedModel.Load(compiled.Assembly);
        _session = _model.CreateSession(1);
        _input = input;
        _output = new float[_model.OutputLength];
        _times = new double[layers.Count];
        _best = [.. Enumerable.Repeat(double.PositiveInfinity, layers.Count)];
        Samples.StartProcess();
    }

    /// <summary>The plan.</summary>
    public ModelPlan Plan { get; }

    /// <summary>The fastest time of every layer, in microseconds.</summary>
    public IReadOnlyList<double> Layers => _best;

    /// <summary>The multiply-adds of the network without zeros.</summary>
    public long DenseMacs { get; }

    /// <summary>Those that are computed.</summary>
    public long KeptMacs { get; }

    /// <summary>Those of layers without a pruned block.</summary>
    public long UnprunedMacs { get; }

    /// <summary>The times of all rounds.</summary>
    public Samples Samples { get; } = new();

    /// <summary>The fastest times of the layers without a pruned block, added up.</summary>
    public double UnprunedMicroseconds =>
        _best.Index().Where(layer => _isCounted[layer.Index] && _isDense[layer.Index]).Sum(layer => layer.Item);

    /// <summary>One round: the fastest of a few runs.</summary>
    /// <param name="milliseconds">About how long.</param>
    public void Measure(double milliseconds)
    {
        // The first run finds the caches full of what others left.
        _session.Run(_input, _output);
        var fastest = double.PositiveInfinity;
        var all = 0.0;
        for (var run = 0; run < 2 || all < milliseconds * 1000; run++)
        {
            _session.RunProfiled(_input, _output, _times);
            var counted = 0.0;
            for (var layer = 0; layer < _times.Length; layer++)
            {
                all += _times[layer];
                counted += _isCounted[layer] ? _times[layer] : 0;
                _best[layer] = Math.Min(_best[layer], _times[layer]);
            }

            fastest = Math.Min(fastest, counted);
        }

        Samples.Add(fastest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
    }
}
