using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Networks;
using Subp.Cli.Compilation;
using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Benchmarks.Peers.Zeros;

/// <summary>A network at one share of zeros, which is timed layer by layer, with what its layers multiply.</summary>
internal sealed class PrunedContender : IDisposable
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
    /// <param name="zeros">The share of pruned blocks.</param>
    /// <param name="network">The packed network.</param>
    /// <param name="input">The input.</param>
    /// <param name="only">The only layer that counts, or null for all of them.</param>
    public PrunedContender(double zeros, Model network, float[] input, string? only)
    {
        Zeros = zeros;
        var compiled = CompiledNetwork.Compile(
            network,
            new CompileOptions { InstructionSets = [NetworkFiles.BestInstructionSet], ThreadCounts = [1] }
        );
        var layers = compiled.Plan.Layers;
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

    /// <summary>The share of pruned blocks.</summary>
    public double Zeros { get; }

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
