namespace Subp.Training.Runs;

/// <summary>One line of summary.csv.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="LearningRate">The learning rate of its last step.</param>
/// <param name="TrainLoss">The mean loss of its steps.</param>
/// <param name="TrainAccuracy">The share of training images classified correctly, as they were seen.</param>
/// <param name="TestAccuracy">The share of test images classified correctly after the epoch.</param>
/// <param name="TestLoss">The mean cross entropy of the test images, without label smoothing.</param>
/// <param name="TestTopFive">The share of test images whose class is among the five largest outputs.</param>
/// <param name="Sparsity">The share of pruned blocks of all masked layers.</param>
/// <param name="Seconds">The wall time of training and evaluation.</param>
/// <param name="Layers">The masked layers, in graph order.</param>
public sealed record EpochSummary(
    int Epoch,
    double LearningRate,
    double TrainLoss,
    double TrainAccuracy,
    double TestAccuracy,
    double TestLoss,
    double TestTopFive,
    double Sparsity,
    double Seconds,
    IReadOnlyList<LayerSparsity> Layers
);

/// <summary>One line of sparsity.csv.</summary>
/// <param name="Layer">The convolution.</param>
/// <param name="Groups">The groups of N output channels.</param>
/// <param name="InputChannels">The blocks of a group.</param>
/// <param name="KeptBlocks">The kept blocks of all groups.</param>
/// <param name="ChangedBlocks">How many blocks of the layer differ from the mask of the epoch before.</param>
public sealed record LayerSparsity(string Layer, int Groups, int InputChannels, int KeptBlocks, int ChangedBlocks)
{
    /// <summary>The kept blocks of a group; their mean where the groups keep different numbers.</summary>
    public double KeptPerGroup => (double)KeptBlocks / Groups;

    /// <summary>The share of pruned blocks.</summary>
    public double Sparsity => 1.0 - (KeptPerGroup / InputChannels);
}

/// <summary>Where a training stands; reported after every few steps and after every epoch.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">The number of epochs.</param>
/// <param name="Step">The steps done in this epoch.</param>
/// <param name="Steps">The steps of an epoch.</param>
/// <param name="Loss">The mean loss of the epoch so far.</param>
/// <param name="Accuracy">The training accuracy of the epoch so far.</param>
/// <param name="Sparsity">The share of pruned blocks of all masked layers.</param>
/// <param name="ImagesPerSecond">The images that this epoch trained per second so far, waiting for them included.</param>
/// <param name="Remaining">The expected time to the end of the training.</param>
/// <param name="Finished">The summary of the epoch, when it has just ended.</param>
public sealed record TrainingProgress(
    int Epoch,
    int Epochs,
    int Step,
    int Steps,
    double Loss,
    double Accuracy,
    double Sparsity,
    double ImagesPerSecond,
    TimeSpan Remaining,
    EpochSummary? Finished
);
