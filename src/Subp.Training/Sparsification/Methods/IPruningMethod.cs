using Subp.Core.Graphs;
using Subp.Training.Channels;
using Subp.Training.Numerics;

namespace Subp.Training.Sparsification.Methods;

/// <summary>
/// How a training makes weights sparse: which layers have masks, when masks are computed anew, and what comes out. All are functions of
/// weights, masks and a generator, so that a run that was stopped goes on with the same bits, on any engine and number of threads.
/// </summary>
public interface IPruningMethod
{
    /// <summary>What the pruned network becomes.</summary>
    PrunedForm Form { get; }

    /// <summary>Lambda of SR-STE, the extra decay of pruned weights; 0 where the method has none.</summary>
    double SparseRefinement { get; }

    /// <summary>The layers with masks, in graph order.</summary>
    /// <exception cref="Core.Diagnostics.SubpException">The network has none, or one that the method cannot prune.</exception>
    IReadOnlyList<MaskedLayer> Select(Graph graph);

    /// <summary>The masks before the first step.</summary>
    IReadOnlyList<BlockMask> Begin(Graph graph, IReadOnlyList<MaskedLayer> layers) =>
        [.. layers.Select(layer => BlockMask.Ones(layer.Grid))];

    /// <summary>Whether masks are computed anew before a step.</summary>
    bool IsDue(int epoch, int step);

    /// <summary>
    /// Whether no mask changes any more once the steps of an epoch have begun, so that engines need not train pruned weights on.
    /// </summary>
    bool AreFinal(int epoch) => false;

    /// <summary>New orders of channels, which take effect before masks are computed.</summary>
    IReadOnlyList<ChannelSelection> Rearrange(MaskRequest request) => [];

    /// <summary>Computes all masks anew.</summary>
    IReadOnlyList<BlockMask> Next(MaskRequest request);
}

/// <summary>What masks are computed from.</summary>
/// <param name="Graph">The network.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Layers">The layers with masks.</param>
/// <param name="Masks">Their masks so far.</param>
/// <param name="Weights">The dense stored weights, which pruning never changes.</param>
/// <param name="Random">The source of everything random.</param>
public sealed record MaskRequest(
    Graph Graph,
    int Epoch,
    IReadOnlyList<MaskedLayer> Layers,
    IReadOnlyList<BlockMask> Masks,
    StoredWeights Weights,
    DeterministicRandom Random
);

/// <summary>What a pruned network becomes when its training ends.</summary>
public enum PrunedForm
{
    /// <summary>Weights with a pattern of 1xN blocks.</summary>
    Blocks,

    /// <summary>Zeros that no kernel can leave out.</summary>
    Zeros,

    /// <summary>A smaller network, without the pruned channels.</summary>
    Channels,
}
