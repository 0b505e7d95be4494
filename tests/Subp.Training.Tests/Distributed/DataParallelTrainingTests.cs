using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Engines;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.Sparsification;
using Subp.Training.Tests.Runs;

namespace Subp.Training.Tests.Distributed;

public sealed class DataParallelTrainingTests : IDisposable
{
    private static readonly TrainingRecipe s_recipe = new()
    {
        Epochs = 5,
        BatchSize = 24,
        LearningRate = 0.05,
        Schedule = ScheduleShape.Linear,
        ScheduleStart = 1,
        ScheduleEnd = 3,
        Shift = 1,
        Flip = false,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-ranks-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(240);
    private readonly ImageDataset _test = SyntheticImages.Create(50, seed: 6);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ranks_train_one_network_and_only_rank_0_writes()
    {
        var results = ThreadGroup.Run(3, group => Train(s_recipe, group, rank => Path.Combine(_folder, $"rank{rank}")));

        Assert.Equal([Path.Combine(_folder, "rank0")], Directory.GetDirectories(_folder));
        Assert.True(results[0].TestAccuracy > 0.8, $"{results[0].TestAccuracy}");
        foreach (var other in results.Skip(1))
        {
            Assert.Equal(results[0].History.Select(Figures), other.History.Select(Figures));
            foreach (var name in results[0].Model.Weights.Names)
                Assert.Equal(results[0].Model.Weights[name].Values, other.Model.Weights[name].Values);
        }

        Assert.True(results[0].Model.Graph.Parameter("body.weight").Pattern!.IsUniform);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_run_goes_on_with_another_number_of_ranks(int ranks)
    {
        Stop(after: 2, ranks: 2);
        var resumed = ThreadGroup.Run(ranks, group => Train(s_recipe, group, _ => _folder, resume: true));

        Assert.Equal(5, resumed[0].History.Count);
        Assert.True(resumed[0].TestAccuracy > 0.8, $"{resumed[0].TestAccuracy}");
    }

    [Fact]
    public void Resumed_with_the_same_number_of_ranks_a_run_ends_with_the_same_bits()
    {
        var whole = ThreadGroup.Run(2, group => Train(s_recipe, group, _ => Path.Combine(_folder, "whole")));
        Stop(after: 3, ranks: 2);
        var resumed = ThreadGroup.Run(2, group => Train(s_recipe, group, _ => _folder, resume: true));

        foreach (var name in whole[0].Model.Weights.Names)
            Assert.Equal(whole[0].Model.Weights[name].Values, resumed[0].Model.Weights[name].Values);
    }

    private void Stop(int after, int ranks)
    {
        using var stop = new CancellationTokenSource();
        var reporter = new Reporter(progress =>
        {
            if (progress.Finished is not null && progress.Epoch == after - 1)
                stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            ThreadGroup.Run(
                ranks,
                // Every rank sees the end of the same epoch before it stops.
                group => Train(s_recipe, group, _ => _folder, progress: reporter, cancellation: stop.Token)
            )
        );
    }

    private TrainingResult Train(
        TrainingRecipe recipe,
        IProcessGroup group,
        Func<int, string> folder,
        bool resume = false,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default
    ) =>
        Trainer.Train(
            recipe,
            SyntheticImages.Network(),
            _training,
            _test,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 1 },
                Folder = folder(group.Rank),
                Resume = resume,
                Group = group,
            },
            progress,
            cancellation
        );

    private static (double TrainLoss, double TestLoss, double TestAccuracy) Figures(EpochSummary epoch) =>
        (epoch.TrainLoss, epoch.TestLoss, epoch.TestAccuracy);

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
