using Subp.Training.Engines.Embedded.Kernels;

namespace Subp.Training.Engines.Embedded.Operations;

/// <summary>
/// What an operation needs to know of the current pass. A batch is cut into a fixed number of chunks of images, the unit of parallel work.
/// </summary>
internal sealed class BatchContext(WorkerTeam team, MicroKernel kernel)
{
    /// <summary>
    /// The most chunks of a batch. It does not depend on the number of threads, and sums over the batch are taken chunk by
    /// chunk, so that the results do not depend on it either.
    /// </summary>
    public const int MaximumChunks = 8;

    /// <summary>The threads.</summary>
    public WorkerTeam Team { get; } = team;

    /// <summary>The micro kernel.</summary>
    public MicroKernel Kernel { get; } = kernel;

    /// <summary>How weights and values are rounded for a network of bytes; null where they are not.</summary>
    public ByteRounding? Rounding { get; init; }

    /// <summary>Rounds a weight for the products of this pass, where the training does.</summary>
    public void Round(TrainedParameter weight)
    {
        if (Rounding is null)
            return;
        var outputs = weight.PrepareRounding();
        var slices = Math.Min(MaximumChunks, outputs);
        Team.Run(
            slices,
            (slice, _) => weight.Round(Rounding, (int)((long)slice * outputs / slices), (int)((slice + 1L) * outputs / slices))
        );
    }

    /// <summary>The number of images of the batch.</summary>
    public int Images { get; set; }

    /// <summary>What the pass is for.</summary>
    public PassKind Pass { get; set; }

    /// <summary>Whether batch statistics are used and stored.</summary>
    public bool Training => Pass == PassKind.Training;

    /// <summary>Whether gradients of parameters are wanted; else only those of the input.</summary>
    public bool ParametersLearn => Pass != PassKind.Matching;

    /// <summary>In a pass that matches statistics: how far those of the batch are from the stored ones.</summary>
    public StatisticsDistance? Distance { get; init; }

    /// <summary>Whether pruned weights get a gradient: as long as they may come back.</summary>
    public bool PrunedWeightsLearn { get; set; } = true;

    /// <summary>The number of chunks of the batch.</summary>
    public int Chunks => Math.Min(MaximumChunks, Images);

    /// <summary>The first image of a chunk.</summary>
    public int FirstImage(int chunk) => (int)((long)chunk * Images / Chunks);

    /// <summary>The image after the last of a chunk.</summary>
    public int EndImage(int chunk) => FirstImage(chunk + 1);
}
