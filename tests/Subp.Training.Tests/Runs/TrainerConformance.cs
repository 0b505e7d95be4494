using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Models;
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

    public static TheoryData<string> Methods() =>
        ["dense", "subp", "subp without regrowth", "subp v1 l1", "1xn", "1xn rearranged", "sr-ste", "dpf", "filter", "distillation"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Every_method_resumes_in_the_middle_of_an_epoch_with_the_bits_of_a_run_that_never_stopped(string method)
    {
        var (recipe, teacher) = Of(method);
        var whole = Train(recipe, "whole", teacher: teacher);
        // 320 images are 10 steps an epoch: the first stop is in the second epoch, between two updates of most methods.
        Assert.Equal(13, Train(recipe, "parts", teacher: teacher, maxSteps: 13).StoppedAfterSteps);
        Assert.Equal(17, Train(recipe, "parts", resume: true, teacher: teacher, maxSteps: 17).StoppedAfterSteps);
        var resumed = Train(recipe, "parts", resume: true, teacher: teacher);

        foreach (string name in whole.Model.Weights.Names)
            Assert.Equal(whole.Model.Weights[name].Values, resumed.Model.Weights[name].Values);
        Assert.Equal(
            whole.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, string.Join(' ', epoch.Layers))),
            resumed.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, string.Join(' ', epoch.Layers)))
        );
        Assert.True(whole.TestAccuracy > 0.4, $"{whole.TestAccuracy}");
    }

    protected static (TrainingRecipe Recipe, Model? Teacher) Of(string method)
    {
        var recipe = Recipe with { ScheduleEnd = 2 };
        return method switch
        {
            "dense" => (recipe with { Method = TrainingMethod.Dense }, null),
            "subp" => (recipe, null),
            "subp without regrowth" => (recipe with { Regrowth = false }, null),
            "subp v1 l1" => (recipe with { Variant = SubpVariant.V1, Criterion = ImportanceCriterion.L1 }, null),
            "1xn" => (recipe with { Method = TrainingMethod.OneByN, Sparsity = 0.5 }, null),
            "1xn rearranged" => (recipe with { Method = TrainingMethod.OneByN, Sparsity = 0.5, Rearrange = true }, null),
            "sr-ste" => (recipe with { Method = TrainingMethod.SrSte }, null),
            "dpf" => (recipe with { Method = TrainingMethod.Dpf, Sparsity = 0.5 }, null),
            "filter" => (recipe with { Method = TrainingMethod.Filter, Sparsity = 0.5 }, null),
            "distillation" => (recipe with { Distillation = 0.5 }, Teacher()),
            _ => throw new ArgumentOutOfRangeException(nameof(method)),
        };
    }

    // Any network will do: the bits are what is compared.
    private static Model Teacher()
    {
        var graph = SyntheticImages.Network(width: 32);
        return new Model(graph, WeightInitializer.Initialize(graph, seed: 3));
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

    protected TrainingResult Train(
        TrainingRecipe recipe,
        string folder,
        bool resume = false,
        CancellationTokenSource? stop = null,
        ITrainingEngineProvider? provider = null,
        Model? teacher = null,
        int? maxSteps = null,
        int threads = 2
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
                Engine = new EngineSettings { Threads = threads },
                MaxSteps = maxSteps,
            },
            stop is null ? null : new StopIn(epoch: 2, stop),
            stop?.Token ?? CancellationToken.None,
            teacher: teacher
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
