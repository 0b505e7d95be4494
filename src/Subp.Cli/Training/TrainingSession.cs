using Subp.Cli.Terminal;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;
using Subp.Training.Data;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Training;

/// <summary>Runs a training under a progress bar.</summary>
internal static class TrainingSession
{
    /// <summary>Trains, with loss, accuracy, sparsity and time left on the way, and a line for each epoch in plain output.</summary>
    public static TrainingResult Run(
        string title,
        TrainingRecipe recipe,
        Graph graph,
        IImageSource training,
        IImageSource test,
        TrainingOptions options,
        CommandContext context,
        WeightSet? initial = null,
        Model? teacher = null
    )
    {
        TrainingResult? result = null;
        context.WithProgress(
            title,
            progress =>
                result = Trainer.Train(recipe, graph, training, test, options, new Relay(progress), context.Cancellation, initial, teacher)
        );
        return result!;
    }

    /// <summary>The first images of a data set.</summary>
    public static ImageDataset Limit(ImageDataset images, int count, string name) =>
        count >= images.Count
            ? images
            : new ImageDataset(
                name,
                images.Pixels[..(count * images.ImageLength)],
                images.Labels[..count],
                images.Channels,
                images.Height,
                images.Width,
                images.ClassNames
            );

    // Not Progress<T>, which would report from other threads, later, and out of order.
    private sealed class Relay(ProgressReport progress) : IProgress<TrainingProgress>
    {
        private double? _testAccuracy;

        public void Report(TrainingProgress value)
        {
            _testAccuracy = value.Finished?.TestAccuracy ?? _testAccuracy;
            var done = (value.Epoch + ((double)value.Step / value.Steps)) / value.Epochs;
            progress(
                done,
                FormattableString.Invariant(
                    $"epoch {value.Epoch + 1}/{value.Epochs}  loss {value.Loss:F3}  accuracy {value.Accuracy * 100:F1} %"
                )
                    + (value.Sparsity > 0 ? $"  sparsity {Figures.Percent(value.Sparsity)}" : "")
                    + FormattableString.Invariant($"  {value.ImagesPerSecond:F0} images/s  {Left(value.Remaining)} left")
                    + (_testAccuracy is { } test ? $"  test {Figures.Percent(test, 2)}" : "")
            );
        }

        private static string Left(TimeSpan time) =>
            time switch
            {
                { TotalMinutes: < 1 } => FormattableString.Invariant($"{time.TotalSeconds:F0} s"),
                { TotalHours: < 1 } => FormattableString.Invariant($"{time.TotalMinutes:F0} min"),
                { TotalDays: < 2 } => FormattableString.Invariant($"{(int)time.TotalHours} h {time.Minutes} min"),
                _ => FormattableString.Invariant($"{time.TotalDays:F1} days"),
            };
    }
}
