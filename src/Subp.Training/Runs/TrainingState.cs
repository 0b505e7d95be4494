using Subp.Training.Numerics;

namespace Subp.Training.Runs;

/// <summary>What a training carries from epoch to epoch besides the engine and the masks.</summary>
internal sealed class TrainingState(ulong seed)
{
    /// <summary>The epochs that are done.</summary>
    public int CompletedEpochs { get; set; }

    /// <summary>The best test accuracy among the epochs at the target sparsity; -1 before the first.</summary>
    public double BestAccuracy { get; set; } = -1;

    /// <summary>Data order and augmentation.</summary>
    public DeterministicRandom DataRandom { get; } = new(seed ^ 0xD474_0000_0000_0001UL);

    /// <summary>Regrowth; its own generator, so that dense and sparse runs see the same images in the same order.</summary>
    public DeterministicRandom MaskRandom { get; } = new(seed ^ 0x3A5C_0000_0000_0002UL);

    /// <summary>One summary per completed epoch.</summary>
    public List<EpochSummary> History { get; } = [];
}
