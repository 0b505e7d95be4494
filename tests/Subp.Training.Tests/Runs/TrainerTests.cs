using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Interpretation;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Runs;

[Trait("speed", "slow")]
public sealed class TrainerTests : IDisposable
{
    private static readonly TrainingRecipe Recipe = new()
    {
        Epochs = 6,
        BatchSize = 32,
        LearningRate = 0.05,
        Schedule = ScheduleShape.Linear,
        ScheduleStart = 1,
        ScheduleEnd = 4,
        Shift = 0,
        Flip = false,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-run-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(320);
    private readonly ImageDataset _test = SyntheticImages.Create(100, seed: 6);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Training_learns_and_ends_with_a_uniform_pattern_whose_pruned_weights_are_zero()
    {
        var result = Train(Recipe, new TrainingOptions { Engine = new EngineSettings { Threads = 2 } });

        Assert.True(result.TestAccuracy > 0.8, $"{result.TestAccuracy}");
        var pattern = result.Model.Graph.Parameter("body.weight").Pattern!;
        Assert.True(pattern.IsUniform);
        Assert.Equal((2, 16, 8), (pattern.Groups, pattern.BlockLength, pattern.KeptBlocks));
        float[] weights = result.Model.Weights["body.weight"].Values;
        for (int i = 0; i < weights.Length; i++)
        {
            bool kept = pattern.Kept(i / (16 * 16 * 9)).Contains(i / 9 % 16);
            Assert.Equal(kept, weights[i] != 0);
        }

        Assert.Null(result.Model.Graph.Parameter("stem.weight").Pattern);
        GraphVerifier.Verify(result.Model.Graph);
        Assert.Equal([16, 16, 12, 8, 4, 4], result.History.Select(epoch => epoch.Layers[0].KeptPerGroup));
        Assert.Equal(0, result.History[^1].Layers[0].ChangedBlocks);
    }

    [Fact]
    public void The_exported_model_classifies_like_the_engine()
    {
        var result = Train(Recipe, new TrainingOptions { Engine = new EngineSettings { Threads = 1 } });
        var interpreter = new ReferenceInterpreter(result.Model);
        var loader = new BatchLoader(_test, _training.MeasureNormalization());
        int correct = 0;
        for (int i = 0; i < _test.Count; i++)
        {
            var image = new float[64];
            var label = new int[1];
            loader.Load(i, image, label);
            var output = new float[4];
            interpreter.Run(image, output);
            correct += output.IndexOf(output.Max()) == label[0] ? 1 : 0;
        }

        Assert.Equal(result.TestAccuracy, correct / 100.0, 0.011);
    }

    [Fact]
    public void A_stopped_and_resumed_run_ends_with_the_same_bits_as_an_uninterrupted_one()
    {
        var recipe = Recipe with { Shift = 1, Flip = true };
        var whole = Train(
            recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 2 },
                Folder = Path.Combine(_folder, "whole"),
            }
        );

        string halves = Path.Combine(_folder, "halves");
        using var stop = new CancellationTokenSource();
        var stopInThirdEpoch = new Reporter(progress =>
        {
            if (progress.Epoch == 3)
                stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Trainer.Train(
                recipe,
                SyntheticImages.Network(),
                _training,
                _test,
                new TrainingOptions
                {
                    Engine = new EngineSettings { Threads = 2 },
                    Folder = halves,
                },
                stopInThirdEpoch,
                stop.Token
            )
        );
        Assert.Equal(4, File.ReadAllLines(Path.Combine(halves, "summary.csv")).Length);
        var resumed = Train(
            recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 1 },
                Folder = halves,
                Resume = true,
            }
        );

        foreach (string name in whole.Model.Weights.Names)
            Assert.Equal(whole.Model.Weights[name].Values, resumed.Model.Weights[name].Values);

        Assert.Equal(
            whole.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, epoch.Layers[0])),
            resumed.History.Select(epoch => (epoch.TrainLoss, epoch.TestLoss, epoch.Layers[0]))
        );
        Assert.Empty(Directory.GetFiles(halves, "*.tmp"));
    }

    [Fact]
    public void The_run_folder_holds_recipe_tables_log_and_checkpoints()
    {
        Train(
            Recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 2 },
                Folder = _folder,
            }
        );

        Assert.Equal(RecipeFile.Print(Recipe), File.ReadAllText(Path.Combine(_folder, "recipe.json")));
        Assert.Equal(7, File.ReadAllLines(Path.Combine(_folder, "summary.csv")).Length);
        Assert.Equal("5,body,2,16,4,0.7500,0", File.ReadAllLines(Path.Combine(_folder, "sparsity.csv"))[^1]);
        Assert.True(File.Exists(Path.Combine(_folder, "last.ckpt")) && File.Exists(Path.Combine(_folder, "best.ckpt")));
        Assert.Equal(7, File.ReadAllLines(Path.Combine(_folder, "train.log")).Length);
    }

    [Fact]
    public void A_folder_that_another_trainer_has_open_is_answered_with_SUBP0593_and_stays_as_it_is()
    {
        var recipe = Recipe with { Epochs = 1, ScheduleStart = 0, ScheduleEnd = 0 };
        var options = new TrainingOptions
        {
            Engine = new EngineSettings { Threads = 1 },
            Folder = _folder,
        };
        using (RunFolder.Open(_folder, resume: false, overwrite: false))
        {
            AssertDiagnostic("SUBP0593", () => Train(recipe, options));
            Assert.Equal(["run.lock"], Directory.GetFiles(_folder).Select(Path.GetFileName));
        }

        // What a process leaves behind that was killed locks nothing.
        File.WriteAllText(Path.Combine(_folder, "run.lock"), string.Empty);
        Train(recipe, options);
        Assert.False(File.Exists(Path.Combine(_folder, "run.lock")));
        using (RunFolder.Open(_folder, resume: true, overwrite: false))
            AssertDiagnostic("SUBP0593", () => Train(recipe, options with { Overwrite = true }));
        Assert.True(File.Exists(Path.Combine(_folder, "last.ckpt")));
    }

    [Fact]
    public void A_run_that_cannot_go_on_leaves_its_folder_unlocked()
    {
        var recipe = Recipe with { Epochs = 1, ScheduleStart = 0, ScheduleEnd = 0 };
        var options = new TrainingOptions
        {
            Engine = new EngineSettings { Threads = 1 },
            Folder = _folder,
        };
        Train(recipe, options);
        Assert.ThrowsAny<SubpException>(() => Train(recipe with { Seed = 99 }, options with { Resume = true }));
        Train(recipe, options with { Overwrite = true });
    }

    [Fact]
    public void A_folder_with_a_run_is_answered_with_SUBP0510_unless_overwriting_is_asked_for()
    {
        var recipe = Recipe with { Epochs = 1, ScheduleStart = 0, ScheduleEnd = 0 };
        Train(
            recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 1 },
                Folder = _folder,
            }
        );

        AssertDiagnostic(
            "SUBP0510",
            () =>
                Train(
                    recipe,
                    new TrainingOptions
                    {
                        Engine = new EngineSettings { Threads = 1 },
                        Folder = _folder,
                    }
                )
        );
        Train(
            recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 1 },
                Folder = _folder,
                Overwrite = true,
            }
        );
    }

    [Fact]
    public void A_folder_without_a_run_cannot_be_resumed()
    {
        Directory.CreateDirectory(_folder);
        var resume = new TrainingOptions
        {
            Engine = new EngineSettings { Threads = 1 },
            Folder = _folder,
            Resume = true,
        };
        AssertDiagnostic("SUBP0550", () => Train(Recipe, resume));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void A_damaged_or_foreign_checkpoint_is_answered_with_SUBP0507()
    {
        var recipe = Recipe with { Epochs = 2, ScheduleStart = 0, ScheduleEnd = 0 };
        Train(
            recipe,
            new TrainingOptions
            {
                Engine = new EngineSettings { Threads = 1 },
                Folder = _folder,
            }
        );
        var resume = new TrainingOptions
        {
            Engine = new EngineSettings { Threads = 1 },
            Folder = _folder,
            Resume = true,
        };
        AssertDiagnostic("SUBP0507", () => Train(recipe with { Seed = 1 }, resume));

        string checkpoint = Path.Combine(_folder, "last.ckpt");
        byte[] bytes = File.ReadAllBytes(checkpoint);
        bytes[1000] ^= 1;
        File.WriteAllBytes(checkpoint, bytes);
        AssertDiagnostic("SUBP0507", () => Train(recipe, resume));
        File.WriteAllBytes(checkpoint, bytes[..20]);
        AssertDiagnostic("SUBP0507", () => Train(recipe, resume));
    }

    [Fact]
    public void A_loss_that_is_not_finite_is_answered_with_SUBP0506()
    {
        AssertDiagnostic(
            "SUBP0506",
            () =>
                Train(
                    Recipe with
                    {
                        LearningRate = 100,
                        Momentum = 0.99,
                        WeightDecay = 1,
                    },
                    new TrainingOptions
                    {
                        Engine = new EngineSettings { Threads = 1 },
                        Provider = new SpoiledProvider(),
                    }
                )
        );
    }

    [Fact]
    public void Images_of_another_size_than_the_input_are_answered_with_SUBP0503()
    {
        var wrong = new ImageDataset("wrong", new byte[40 * 49], new byte[40], 1, 7, 7, ["a", "b", "c", "d"]);
        AssertDiagnostic(
            "SUBP0503",
            () =>
                Trainer.Train(
                    Recipe,
                    SyntheticImages.Network(),
                    wrong,
                    _test,
                    new TrainingOptions { Engine = new EngineSettings { Threads = 1 } }
                )
        );
    }

    [Fact]
    public void One_shot_masks_are_at_the_target_from_the_first_epoch()
    {
        var result = Train(
            Recipe with
            {
                Epochs = 2,
                ScheduleStart = 0,
                ScheduleEnd = 0,
            },
            new TrainingOptions { Engine = new EngineSettings { Threads = 1 } }
        );
        Assert.All(result.History, epoch => Assert.Equal(0.75, epoch.Sparsity));
    }

    [Fact]
    public void The_learning_rate_rises_and_then_follows_the_cosine()
    {
        var recipe = Recipe with { Epochs = 10, LearningRate = 0.2, WarmupEpochs = 2 };
        Assert.Equal(0, LearningRate.At(recipe, 0));
        Assert.Equal(0.2 * 0.5 * 0.5 * (1 + Math.Cos(Math.PI * 0.1)), LearningRate.At(recipe, 1), 1e-12);
        Assert.Equal(0.1, LearningRate.At(recipe, 5), 1e-12);
        Assert.Equal(0, LearningRate.At(recipe, 10), 1e-12);
    }

    private TrainingResult Train(TrainingRecipe recipe, TrainingOptions options) =>
        Trainer.Train(recipe, SyntheticImages.Network(), _training, _test, options);

    private static void AssertDiagnostic(string id, Action action) =>
        Assert.Equal(id, Assert.Throws<SubpException>(action).Diagnostic.Descriptor.Id);

    // An embedded engine whose first loss is not a number.
    private sealed class SpoiledProvider : ITrainingEngineProvider
    {
        public string Name => "spoiled";

        public string? Remark => null;

        public ITrainingEngine Create(EngineRequest request)
        {
            request.Weights["classifier.weight"].Values[0] = float.NaN;
            return EmbeddedProvider.Instance.Create(request);
        }
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
