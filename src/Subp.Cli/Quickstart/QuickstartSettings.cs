using Subp.Training.Recipes;

namespace Subp.Cli.Quickstart;

/// <summary>What a quickstart does.</summary>
/// <param name="DataFolder">The folder of the images.</param>
/// <param name="TrainingImages">The most training images.</param>
/// <param name="TestImages">The most test images.</param>
/// <param name="Dense">The recipe of the dense network.</param>
/// <param name="Sparse">The recipe of the sparse network.</param>
/// <param name="Rounds">Rounds of timing.</param>
internal sealed record QuickstartSettings(
    string DataFolder,
    int TrainingImages,
    int TestImages,
    TrainingRecipe Dense,
    TrainingRecipe Sparse,
    int Rounds
)
{
    /// <summary>The largest difference allowed between compiled code and reference, relative to the largest output of an image.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>The thread counts that are verified and timed.</summary>
    public static IReadOnlyList<int> ThreadCounts { get; } = [1, 2];

    /// <summary>
    /// The preset recipes, with another number of epochs or another seed where they are given; the schedule shrinks with the epochs.
    /// </summary>
    public static QuickstartSettings Create(string dataFolder, int? epochs, ulong? seed, int trainingImages, int testImages, int rounds)
    {
        var (dense, sparse) = (TrainingRecipe.QuickstartDense, TrainingRecipe.QuickstartSparse);
        if (epochs is { } count)
        {
            var end = Math.Min(count - 1, sparse.ScheduleEnd * count / sparse.Epochs);
            var warmup = Math.Min(dense.WarmupEpochs, count * 0.05);
            dense = dense with { Epochs = count, WarmupEpochs = warmup };
            sparse = sparse with
            {
                Epochs = count,
                WarmupEpochs = warmup,
                ScheduleEnd = end,
                ScheduleStart = Math.Min(sparse.ScheduleStart, Math.Max(0, end - 1)),
            };
        }

        if (seed is { } drawn)
            (dense, sparse) = (dense with { Seed = drawn }, sparse with { Seed = drawn });
        RecipeRules.Verify(dense);
        RecipeRules.Verify(sparse);
        return new QuickstartSettings(dataFolder, trainingImages, testImages, dense, sparse, rounds);
    }
}
