using Subp.Benchmarks.Peers.Layers;
using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;

namespace Subp.Benchmarks.Peers.Contenders;

/// <summary>
/// A layer, compiled by this repository as a network of its own. The layer is timed, not the conversions of layout around it.
/// </summary>
internal sealed class CompiledLayerContender : IContender
{
    private readonly LoadedModel _model;
    private readonly ILoadedSession _session;
    private readonly float[] _input;
    private readonly float[] _output;
    private readonly double[] _times;
    private readonly int _layer;

    /// <summary>Compiles the layer.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="problem">The layer.</param>
    /// <param name="model">The network of it, sparse or dense.</param>
    /// <param name="instructionSet">The instruction set.</param>
    /// <param name="unroll">The form of unrolling.</param>
    public CompiledLayerContender(
        string name,
        LayerProblem problem,
        Model model,
        InstructionSet instructionSet,
        UnrollMode unroll = UnrollMode.Auto
    )
    {
        Name = name;
        var network = CompiledNetwork.Compile(model, Options(instructionSet, unroll));
        Remark = network.Plan.Layers.Single(layer => layer.Node.Name == LayerSpecification.NodeName).KernelName(instructionSet);
        _model = LoadedModel.Load(network.Assembly);
        _session = _model.CreateSession(1);
        _layer = _session.LayerNames.Index().First(layer => layer.Item == LayerSpecification.NodeName).Index;
        _times = new double[_session.LayerNames.Count];
        _input = problem.Input;
        _output = new float[_model.OutputLength];
    }

    /// <summary>The options a layer is compiled with.</summary>
    public static CompileOptions Options(InstructionSet instructionSet, UnrollMode unroll) =>
        new()
        {
            InstructionSets = [instructionSet],
            ThreadCounts = [1],
            Unroll = unroll,
        };

    public string Name { get; }

    public string Remark { get; }

    // The conversion of layout before the layer writes what the layer reads.
    public ReadOnlySpan<float> Input => [];

    public double Run()
    {
        _session.RunProfiled(_input, _output, _times);
        return _times[_layer];
    }

    public float[] Output() => _output;

    public void Dispose()
    {
        _session.Dispose();
        _model.Dispose();
    }
}
