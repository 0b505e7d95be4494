using Subp.Core.Diagnostics;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Runs;

/// <summary>What a training must be with every engine: masks that move between epochs, and runs that can be stopped and resumed.</summary>
public abstract class TrainerConformance : IDisposable
{
    private static readonly TrainingRecipe Recipe = new()
    {
        Epochs = 4,
        BatchSize = 32,
        LearningRate = 0.05,
        Schedule = ScheduleShape.Linear,
        ScheduleStart = 0,
        ScheduleEnd = 3,
        Shift = 1,
        Flip = true,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-engine-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(320);
    private readonly ImageDataset _test = SyntheticImages.Create(100, seed: 6);

    protected abstract ITrainingEngineProvider Provider { get; }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_resumed_run_has_the_bits_of_one_that_never_stopped_and_masks_move_between_epochs()
    {
        var whole = Train(Recipe, "whole");
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Train(Recipe, "halves", stop: stop));
        var resumed = Train(Recipe, "halves", resume: true);

        foreach (string name in whole.Model.Weights.Names)
            Assert.Equal(whole.Model.Weights[name].Values, resumed.Model.Weights[name].Values);

        Assert.Equal(
            whole.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, epoch.Layers[0])),
            resumed.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, epoch.Layers[0]))
        );
        Assert.Equal([16, 12, 8, 4], whole.History.Select(epoch => epoch.Layers[0].KeptPerGroup));
        // A guess is right once in four times.
        Assert.True(whole.TestAccuracy > 0.5, $"{whole.TestAccuracy}");
    }

    [Fact]
    public void A_checkpoint_of_another_engine_is_answered_with_SUBP0523()
    {
        Train(Recipe with { Epochs = 1, ScheduleEnd = 0 }, "run");
        var exception = Assert.Throws<SubpException>(() =>
            Train(Recipe with { Epochs = 1, ScheduleEnd = 0 }, "run", resume: true, provider: new Renamed(Provider))
        );
        Assert.Equal("SUBP0523", exception.Diagnostic.Descriptor.Id);
        Assert.Contains($"'{Provider.Name}'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_recipe_is_answered_with_SUBP0507()
    {
        Train(Recipe with { Epochs = 1, ScheduleEnd = 0 }, "run");
        AssertDiagnostic("SUBP0507", () => Train(Recipe with { Epochs = 1, ScheduleEnd = 0, Seed = 1 }, "run", resume: true));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_answered_with_SUBP0506() =>
        AssertDiagnostic("SUBP0506", () => Train(Recipe, "run", provider: new Spoiled(Provider)));

    private TrainingResult Train(
        TrainingRecipe recipe,
        string folder,
        bool resume = false,
        CancellationTokenSource? stop = null,
        ITrainingEngineProvider? provider = null
    ) =>
        Trainer.Train(
            recipe,
            SyntheticImages.Network(),
            _training,
            _test,
            new TrainingOptions
            {
                Folder = Path.Combine(_folder, folder),
                Resume = resume,
                Provider = provider ?? Provider,
                Engine = new EngineSettings { Threads = 2 },
            },
            stop is null ? null : new StopIn(epoch: 2, stop),
            stop?.Token ?? CancellationToken.None
        );

    private static void AssertDiagnostic(string id, Action action) =>
        Assert.Equal(id, Assert.Throws<SubpException>(action).Diagnostic.Descriptor.Id);

    private sealed class StopIn(int epoch, CancellationTokenSource stop) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Epoch == epoch)
                stop.Cancel();
        }
    }

    // The first loss is not a number.
    private sealed class Spoiled(ITrainingEngineProvider provider) : ITrainingEngineProvider
    {
        public string Name => provider.Name;

        public string? Remark => null;

        public ITrainingEngine Create(EngineRequest request)
        {
            request.Weights["classifier.weight"].Values[0] = float.NaN;
            return provider.Create(request);
        }
    }

    // The other of the two engines, without needing it: only the name counts.
    private sealed class Renamed(ITrainingEngineProvider provider) : ITrainingEngineProvider
    {
        public string Name => "another";

        public string? Remark => null;

        public ITrainingEngine Create(EngineRequest request) => new RenamedEngine(provider.Create(request));
    }
}
