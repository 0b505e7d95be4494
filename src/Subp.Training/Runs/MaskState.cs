using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Core.Weights;
using Subp.Training.Channels;
using Subp.Training.Engines;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;
using Subp.Training.Sparsification.Methods;

namespace Subp.Training.Runs;

/// <summary>The masks of a training and their update, between the pure functions and the engine.</summary>
internal sealed class MaskState
{
    private readonly IPruningMethod? _method;
    private readonly Graph _graph;
    private readonly BlockMask[] _masks;

    /// <summary>Selects the layers. A dense recipe has none.</summary>
    public MaskState(TrainingRecipe recipe, Graph graph)
    {
        _method = PruningMethods.Of(recipe);
        _graph = graph;
        Layers = _method?.Select(graph) ?? [];
        _masks = [.. _method?.Begin(graph, Layers) ?? []];
        Changed = new int[_masks.Length];
    }

    /// <summary>The masked layers, in graph order.</summary>
    public IReadOnlyList<MaskedLayer> Layers { get; }

    /// <summary>Their masks.</summary>
    public IReadOnlyList<BlockMask> Masks => _masks;

    /// <summary>How many blocks of each layer the updates of this epoch have changed, one update after the other.</summary>
    public int[] Changed { get; }

    /// <summary>Lambda of SR-STE.</summary>
    public double SparseRefinement => _method?.SparseRefinement ?? 0;

    /// <summary>The share of pruned blocks of all masked layers.</summary>
    public double Sparsity =>
        _masks.Length == 0 ? 0 : 1.0 - (_masks.Sum(mask => (double)mask.KeptBlocks) / _masks.Sum(mask => (double)mask.Bytes.Length));

    /// <summary>Counts changes from here on.</summary>
    public void BeginEpoch() => Array.Clear(Changed);

    /// <summary>Whether masks are computed anew before a step.</summary>
    public bool IsDue(int epoch, int step) => _method?.IsDue(epoch, step) ?? false;

    /// <summary>Whether no mask changes any more once the steps of an epoch have begun.</summary>
    public bool AreFinal(int epoch) => _method?.AreFinal(epoch) ?? false;

    /// <summary>Computes all masks anew.</summary>
    public void Update(int epoch, ITrainingEngine engine, DeterministicRandom random)
    {
        var request = new MaskRequest(_graph, epoch, Layers, _masks, engine.Values, random);
        foreach (var selection in _method!.Rearrange(request))
            Rearrange(engine, selection);

        var next = _method.Next(request);
        for (int i = 0; i < _masks.Length; i++)
        {
            Changed[i] += next[i].DistanceTo(_masks[i]);
            _masks[i] = next[i];
        }

        Install(engine);
    }

    // The momentum belongs to the filter as its weights do.
    private void Rearrange(ITrainingEngine engine, ChannelSelection selection)
    {
        foreach (var carrier in selection.Class.Carriers)
        {
            var shape = _graph.Parameter(carrier.Parameter).Shape;
            engine.SetValues(carrier.Parameter, selection.Gather(engine.Values(carrier.Parameter), shape, carrier));
            if (engine.Momentum(carrier.Parameter) is { IsEmpty: false } momentum)
                engine.SetMomentum(carrier.Parameter, selection.Gather(momentum, shape, carrier));
        }
    }

    /// <summary>
    /// Gives an engine what is pruned before the first step: methods that prune later begin without masks, fixed ones with theirs.
    /// </summary>
    public void Begin(ITrainingEngine engine)
    {
        if (Sparsity > 0)
            Install(engine);
    }

    /// <summary>Gives all masks to an engine.</summary>
    public void Install(ITrainingEngine engine)
    {
        for (int i = 0; i < _masks.Length; i++)
            engine.SetMask(Layers[i].Parameter, Layers[i].Grid, _masks[i]);
    }

    /// <summary>Replaces the mask of a layer, when a run is resumed.</summary>
    /// <exception cref="ArgumentException">The number of values does not fit.</exception>
    public void Restore(int layer, ReadOnlySpan<byte> kept) =>
        _masks[layer] = BlockMask.FromBytes(Layers[layer].Grid.Groups, Layers[layer].Grid.InputChannels, kept);

    /// <summary>The lines of sparsity.csv.</summary>
    public IReadOnlyList<LayerSparsity> Describe() =>
        [
            .. Layers.Select(
                (layer, i) => new LayerSparsity(layer.Node, layer.Grid.Groups, layer.Grid.InputChannels, _masks[i].KeptBlocks, Changed[i])
            ),
        ];

    /// <summary>The network without what was pruned, as far as the method lets it be left out.</summary>
    public Model Finish(Model model) =>
        _method is FilterMethod filter ? ChannelSelection.Apply(model, filter.Left(_graph, Layers, _masks)) : model;

    /// <summary>The pattern of a parameter, or null where it has none.</summary>
    public BlockPattern? PatternOf(string parameter)
    {
        if (_method?.Form != PrunedForm.Blocks)
            return null;

        for (int i = 0; i < _masks.Length; i++)
        {
            if (Layers[i].Parameter == parameter)
                return _masks[i].ToPattern(Layers[i].Grid.BlockLength);
        }

        return null;
    }

    /// <summary>Zeroes the pruned weights of a parameter, in place.</summary>
    public void Apply(string parameter, float[] values)
    {
        for (int i = 0; i < _masks.Length; i++)
        {
            if (Layers[i].Parameter == parameter)
                _masks[i].Apply(Layers[i].Grid, values);
        }
    }
}
