using Subp.Core.Graphs;
using Subp.Core.Sparsity;
using Subp.Training.Engines;
using Subp.Training.Numerics;
using Subp.Training.Recipes;
using Subp.Training.Sparsification;

namespace Subp.Training.Runs;

/// <summary>The masks of a training and their update, between the pure functions and the engine.</summary>
internal sealed class MaskState
{
    private readonly TrainingRecipe _recipe;
    private readonly BlockMask[] _masks;
    private readonly int[] _changed;

    /// <summary>Selects the layers; all blocks are kept. A dense recipe has no layers.</summary>
    public MaskState(TrainingRecipe recipe, Graph graph)
    {
        _recipe = recipe;
        Layers =
            recipe.Method == TrainingMethod.Dense
                ? []
                : LayerSelection.Select(graph, recipe.BlockLength, recipe.MinimumInputChannels, recipe.Include, recipe.Exclude);
        _masks = [.. Layers.Select(layer => BlockMask.Ones(layer.Grid))];
        _changed = new int[_masks.Length];
    }

    /// <summary>The masked layers, in graph order.</summary>
    public IReadOnlyList<MaskedLayer> Layers { get; }

    /// <summary>Their masks.</summary>
    public IReadOnlyList<BlockMask> Masks => _masks;

    /// <summary>The share of pruned blocks of all masked layers.</summary>
    public double Sparsity =>
        _masks.Length == 0 ? 0 : 1.0 - (_masks.Sum(mask => (double)mask.KeptBlocks) / _masks.Sum(mask => (double)mask.Bytes.Length));

    /// <summary>The mask update at the start of an epoch.</summary>
    public void Update(int epoch, ITrainingEngine engine, DeterministicRandom random)
    {
        double rate = _recipe.SparsitySchedule.Rate(_recipe.Sparsity, epoch);
        for (int i = 0; i < _masks.Length; i++)
        {
            var grid = Layers[i].Grid;
            var counts = BlockCounts.For(grid.InputChannels, _recipe.Sparsity, rate);
            var next = MaskUpdate.Next(engine.Values(Layers[i].Parameter), grid, _masks[i], counts, _recipe.SubpOptions, random);
            _changed[i] = next.DistanceTo(_masks[i]);
            _masks[i] = next;
        }

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
                (layer, i) => new LayerSparsity(layer.Node, layer.Grid.Groups, layer.Grid.InputChannels, _masks[i].KeptBlocks, _changed[i])
            ),
        ];

    /// <summary>The pattern of a parameter, or null where it is dense.</summary>
    public BlockPattern? PatternOf(string parameter)
    {
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
