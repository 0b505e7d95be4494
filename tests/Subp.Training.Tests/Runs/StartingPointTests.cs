using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

/// <summary>Trainings that do not begin with random weights, or not alone.</summary>
public sealed class StartingPointTests : IDisposable
{
    private static readonly TrainingRecipe Dense = new()
    {
        Method = TrainingMethod.Dense,
        Epochs = 3,
        BatchSize = 32,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-start-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(320);
    private readonly ImageDataset _test = SyntheticImages.Create(100, seed: 6);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_starts_from_the_checkpoint_of_another_and_fixed_masks_stay_as_they_came()
    {
        var graph = SyntheticImages.Network();
        var sparse = Train(Dense with { Method = TrainingMethod.Subp, ScheduleStart = 0, ScheduleEnd = 1 }, graph, folder: _folder);
        var weights = InitialWeights.ReadCheckpoint(Path.Combine(_folder, "last.ckpt"), graph);
        // Pruned weights kept their values in the run; the finished network has zeros there and the same everywhere else.
        var pruned = sparse.Model.Weights["body.weight"].Values;
        Assert.All(pruned.Zip(weights["body.weight"].Values), pair => Assert.True(pair.First == 0 || pair.First == pair.Second));

        var tuned = Train(Dense with { Method = TrainingMethod.Fixed, Epochs = 1, LearningRate = 1e-4 }, sparse.Model.Graph, weights);
        Assert.Equal(sparse.Model.Graph.Parameter("body.weight").Pattern, tuned.Model.Graph.Parameter("body.weight").Pattern);
        Assert.NotEqual(pruned, tuned.Model.Weights["body.weight"].Values);
        // Small steps from a good place stay near it.
        Assert.True(tuned.TestAccuracy >= sparse.TestAccuracy - 0.1, $"{sparse.TestAccuracy}, then {tuned.TestAccuracy}");
    }

    [Fact]
    public void Fixed_masks_of_a_network_without_any_are_answered_with_SUBP0509() =>
        AssertDiagnostic(
            "SUBP0509",
            "no block pattern",
            () => Train(Dense with { Method = TrainingMethod.Fixed }, SyntheticImages.Network())
        );

    [Fact]
    public void Weights_of_another_shape_are_answered_with_the_parameter_and_both_shapes()
    {
        var weights = WeightInitializer.Initialize(SyntheticImages.Network(width: 32), 1);
        AssertDiagnostic("SUBP0581", "'stem.weight': error", () => Train(Dense, SyntheticImages.Network(), weights));
        AssertDiagnostic("SUBP0581", "[32,1,3,3]", () => Train(Dense, SyntheticImages.Network(), weights));
        AssertDiagnostic("SUBP0581", "[16,1,3,3]", () => Train(Dense, SyntheticImages.Network(), weights));
        AssertDiagnostic("SUBP0581", "no values", () => Train(Dense, SyntheticImages.Network(), new WeightSet()));
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_answered_with_SUBP0581_and_a_damaged_one_with_SUBP0507()
    {
        Train(Dense with { Epochs = 1 }, SyntheticImages.Network(), folder: _folder);
        string path = Path.Combine(_folder, "last.ckpt");
        AssertDiagnostic("SUBP0581", "another network", () => InitialWeights.ReadCheckpoint(path, SyntheticImages.Network(width: 32)));
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        AssertDiagnostic("SUBP0507", "hash", () => InitialWeights.ReadCheckpoint(path, SyntheticImages.Network()));
    }

    [Fact]
    public void A_teacher_of_other_classes_or_images_or_none_is_answered_with_SUBP0582()
    {
        var pupil = SyntheticImages.Network();
        var recipe = Dense with { Distillation = 0.5 };
        AssertDiagnostic("SUBP0582", "no teacher", () => Train(recipe, pupil));
        AssertDiagnostic("SUBP0582", "distillation 0", () => Train(Dense, pupil, teacher: Initialised(pupil)));
        var other = FashionResNet8.Build(ModelMetadata.Empty with { ClassNames = ["a", "b", "c"] });
        AssertDiagnostic("SUBP0582", "3 classes", () => Train(recipe, pupil, teacher: Initialised(other)));
        other = FashionResNet8.Build(ModelMetadata.Empty with { ClassNames = ["a", "b", "c", "d"] });
        AssertDiagnostic("SUBP0582", "28", () => Train(recipe, pupil, teacher: Initialised(other)));
    }

    private static Model Initialised(Graph graph) => new(graph, WeightInitializer.Initialize(graph, 1));

    private TrainingResult Train(
        TrainingRecipe recipe,
        Graph graph,
        WeightSet? initial = null,
        Model? teacher = null,
        string? folder = null
    ) =>
        Trainer.Train(
            recipe,
            graph,
            _training,
            _test,
            new TrainingOptions
            {
                Folder = folder,
                Engine = new EngineSettings { Threads = 2 },
            },
            initial: initial,
            teacher: teacher
        );

    private static void AssertDiagnostic(string id, string text, Action action)
    {
        var failure = Assert.Throws<SubpException>(action);
        Assert.Equal(id, failure.Diagnostic.Descriptor.Id);
        Assert.Contains(text, failure.Diagnostic.ToString(), StringComparison.Ordinal);
    }
}
