using Subp.Training.Numerics;

namespace Subp.Training.Runs;

/// <summary>What a training carries from epoch to epoch besides the engine and the masks.</summary>
internal sealed class TrainingState(ulong seed)
{
    /// <summary>The epochs that are done.</summary>
    public int CompletedEpochs { get; set; }

    /// <summary>The epoch that was begun and is not done; null between epochs.</summary>
    public PartialEpoch? Partial { get; set; }

    /// <summary>The best test accuracy among the epochs at the target sparsity; -1 before the first.</summary>
    public double BestAccuracy { get; set; } = -1;

    /// <summary>Data order and augmentation.</summary>
    public DeterministicRandom DataRandom { get; } = new(seed ^ 0xD474_0000_0000_0001UL);

    /// <summary>Regrowth; its own generator, so that dense and sparse runs see the same images in the same order.</summary>
    public DeterministicRandom MaskRandom { get; } = new(seed ^ 0x3A5C_0000_0000_0002UL);

    /// <summary>One summary per completed epoch.</summary>
    public List<EpochSummary> History { get; } = [];
}

/// <summary>How far an epoch has come.</summary>
/// <param name="order">The state of the generator from which the order of the images was drawn.</param>
internal sealed class PartialEpoch(ulong[] order)
{
    /// <summary>The state of the generator from which the order of the images was drawn.</summary>
    public ulong[] Order => order;

    /// <summary>The place in the order of the images.</summary>
    public int Position { get; set; }

    /// <summary>The steps that are done.</summary>
    public int Steps { get; set; }

    /// <summary>The sum of their losses.</summary>
    public double Loss { get; set; }

    /// <summary>How many images they classified correctly.</summary>
    public int Correct { get; set; }

    /// <summary>The time they took, in seconds.</summary>
    public double Seconds { get; set; }
}
