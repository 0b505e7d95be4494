using System.Text.Json.Nodes;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

/// <summary>A run that goes on does so with the network, the images and the recipe that it was begun with, or not at all.</summary>
public sealed class ContinuationTests : IDisposable
{
    private static readonly TrainingRecipe Recipe = new()
    {
        Epochs = 2,
        BatchSize = 32,
        ScheduleStart = 0,
        ScheduleEnd = 1,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-continue-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(128);
    private readonly ImageDataset _test = SyntheticImages.Create(60, seed: 6);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_goes_on_with_the_normalisation_that_it_was_begun_with_where_the_network_that_is_given_has_none()
    {
        var normalised = Normalised(0.75f, 0.125f);
        var whole = Train(normalised);
        Assert.NotEqual(Train(SyntheticImages.Network()).Model.Weights["body.weight"].Values, whole.Model.Weights["body.weight"].Values);

        Train(normalised, "run", maxSteps: 3);
        var resumed = Train(SyntheticImages.Network(), "run", resume: true);
        Assert.Equal(whole.Model.Weights["body.weight"].Values, resumed.Model.Weights["body.weight"].Values);
        Assert.Equal([0.75f], resumed.Model.Graph.Metadata.NormalizationMean);
        Assert.Equal([0.125f], resumed.Model.Graph.Metadata.NormalizationDeviation);
    }

    [Fact]
    public void Another_normalisation_or_network_is_refused_and_both_are_named()
    {
        Train(Normalised(0.75f, 0.125f), "run", maxSteps: 3);
        var before = Files("run");
        var failure = Refused("SUBP0507", () => Train(Normalised(0.5f, 0.125f), "run", resume: true));
        Assert.Contains("mean 0.75 deviation 0.125", failure, StringComparison.Ordinal);
        Assert.Contains("mean 0.5 deviation 0.125", failure, StringComparison.Ordinal);
        Refused("SUBP0507", () => Train(SyntheticImages.Network(width: 32), "run", resume: true));
        Assert.Equal(before, Files("run"));
    }

    [Fact]
    public void A_normalisation_that_was_measured_and_the_names_of_the_images_are_those_of_the_network_that_is_left()
    {
        var other = SyntheticImages.Network().With(metadata: new ModelMetadata { ClassNames = ["w", "x", "y", "z"] });
        var metadata = Train(other, "run").Model.Graph.Metadata;
        var measured = _training.MeasureNormalization();
        Assert.Equal(measured.Mean, metadata.NormalizationMean);
        Assert.Equal(measured.Deviation, metadata.NormalizationDeviation);
        Assert.Equal(["a", "b", "c", "d"], metadata.ClassNames);
    }

    [Fact]
    public void A_normalisation_for_images_of_other_channels_is_refused() =>
        Refused(
            "SUBP0503",
            () =>
                Train(
                    SyntheticImages
                        .Network()
                        .With(metadata: new ModelMetadata { NormalizationMean = [1, 2, 3], NormalizationDeviation = [1, 1, 1] })
                )
        );

    [Fact]
    public void A_run_that_was_stopped_before_its_first_step_goes_on_from_the_weights_that_it_was_to_start_from()
    {
        var graph = SyntheticImages.Network();
        var initial = WeightInitializer.Initialize(graph, seed: 99);
        var whole = Train(graph, initial: initial);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Train(graph, "run", initial: initial, cancellation: stop.Token));

        var resumed = Train(graph, "run", resume: true);
        foreach (string name in whole.Model.Weights.Names)
            Assert.Equal(whole.Model.Weights[name].Values, resumed.Model.Weights[name].Values);
    }

    [Fact]
    public void Without_a_checkpoint_a_run_of_an_older_version_goes_on_only_from_weights_that_are_given()
    {
        var graph = SyntheticImages.Network();
        Train(graph, "run", maxSteps: 1);
        File.Delete(Path.Combine(_folder, "run", "last.ckpt"));
        Refused("SUBP0550", () => Train(graph, "run", resume: true));
        Assert.Equal(2, Train(graph, "run", resume: true, initial: WeightInitializer.Initialize(graph, seed: 1)).History.Count);
    }

    [Theory]
    [InlineData("fewer", "128 images to train with")]
    [InlineData("fewer tests", "60 images to test with")]
    [InlineData("test labels", "test labels with the sha256")]
    [InlineData("training labels", "training labels with the sha256")]
    [InlineData("classes", "the classes a, b, c, d")]
    public void Other_images_are_refused_and_the_folder_stays_as_it_is(string what, string message)
    {
        Train(SyntheticImages.Network(), "run", maxSteps: 3);
        var before = Files("run");
        var (training, test) = what switch
        {
            "fewer" => (SyntheticImages.Create(96), _test),
            "fewer tests" => (_training, SyntheticImages.Create(50, seed: 6)),
            "test labels" => (_training, SyntheticImages.Create(60, seed: 7)),
            "training labels" => (SyntheticImages.Create(128, seed: 8), _test),
            _ => (Renamed(_training), Renamed(_test)),
        };
        var failure = Refused("SUBP0592", () => Train(SyntheticImages.Network(), "run", resume: true, training: training, test: test));
        Assert.Contains(message, failure, StringComparison.Ordinal);
        Assert.Equal(before, Files("run"));
    }

    [Fact]
    public void Images_of_a_run_of_an_older_version_are_compared_as_far_as_its_file_says()
    {
        Train(SyntheticImages.Network(), "run", maxSteps: 3);
        string path = Path.Combine(_folder, "run", "data.json");
        string text = File.ReadAllText(path);
        var data = (JsonObject)JsonNode.Parse(text)!;
        Assert.True(data.Remove("trainingLabels"));
        File.WriteAllText(path, data.ToJsonString());
        Assert.Equal(2, Train(SyntheticImages.Network(), "run", resume: true).History.Count);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void Another_recipe_is_refused_with_the_values_that_differ()
    {
        Train(SyntheticImages.Network(), "run", maxSteps: 3);
        var recipe = Recipe with { Seed = 7, LearningRate = 0.5 };
        var failure = Refused("SUBP0507", () => Train(SyntheticImages.Network(), "run", resume: true, recipe: recipe));
        Assert.Contains("found learningRate 0.1, seed 42, expected learningRate 0.5, seed 7.", failure, StringComparison.Ordinal);
    }

    private static Graph Normalised(float mean, float deviation) =>
        SyntheticImages.Network().With(metadata: new ModelMetadata { NormalizationMean = [mean], NormalizationDeviation = [deviation] });

    private static ImageDataset Renamed(ImageDataset images) =>
        new("renamed", images.Pixels, images.Labels, images.Channels, images.Height, images.Width, ["e", "f", "g", "h"]);

    private SortedDictionary<string, string> Files(string folder) =>
        new(
            Directory
                .EnumerateFiles(Path.Combine(_folder, folder))
                .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file))),
            StringComparer.Ordinal
        );

    private TrainingResult Train(
        Graph graph,
        string? folder = null,
        bool resume = false,
        int? maxSteps = null,
        TrainingRecipe? recipe = null,
        WeightSet? initial = null,
        ImageDataset? training = null,
        ImageDataset? test = null,
        CancellationToken cancellation = default
    ) =>
        Trainer.Train(
            recipe ?? Recipe,
            graph,
            training ?? _training,
            test ?? _test,
            new TrainingOptions
            {
                Folder = folder is null ? null : Path.Combine(_folder, folder),
                Resume = resume,
                MaxSteps = maxSteps,
                Engine = new EngineSettings { Threads = 2 },
            },
            cancellation: cancellation,
            initial: initial
        );

    private static string Refused(string id, Action action)
    {
        var failure = Assert.Throws<SubpException>(action);
        Assert.Equal(id, failure.Diagnostic.Descriptor.Id);
        return failure.Diagnostic.ToString();
    }
}
