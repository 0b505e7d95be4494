using Subp.Core.Graphs;
using Subp.Training.Data;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;
using Subp.Training.Sparsification;

namespace Subp.Training.Tests.Runs;

/// <summary>What a training that rounds as a network of bytes does must be with every engine.</summary>
public abstract class RoundedTrainingConformance : IDisposable
{
    private protected static readonly TrainingRecipe s_recipe = new()
    {
        Epochs = 4,
        BatchSize = 32,
        LearningRate = 0.05,
        Schedule = ScheduleShape.Linear,
        ScheduleStart = 0,
        ScheduleEnd = 2,
        Quantize = TrainedArithmetic.Int8,
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("subp-rounded-").FullName;
    private readonly ImageDataset _training = SyntheticImages.Create(320);
    private readonly ImageDataset _test = SyntheticImages.Create(100, seed: 6);

    protected abstract ITrainingEngineProvider Provider { get; }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(TrainingMethod.Dense)]
    [InlineData(TrainingMethod.Subp)]
    public void A_run_resumes_in_the_middle_of_an_epoch_with_the_same_bits_and_ranges(TrainingMethod method)
    {
        var recipe = s_recipe with { Method = method };
        var whole = Train(recipe, "whole");
        Assert.True(whole.TestAccuracy > 0.4, $"{whole.TestAccuracy}");
        Assert.Equal(["image", "stem.relu", "body.relu"], whole.Ranges.Keys);
        Assert.All(whole.Ranges.Values, range => Assert.True(range.High > range.Low));
        Assert.Equal(0, whole.Ranges["body.relu"].Low);
        Assert.Equal(13, Train(recipe, "parts", maxSteps: 13).StoppedAfterSteps);
        AssertSame(whole, Train(recipe, "parts", resume: true));
    }

    [Fact]
    public void The_engine_computes_what_rounded_weights_and_values_give()
    {
        var graph = SyntheticImages.Network();
        var weights = WeightInitializer.Initialize(graph, 3);
        using var engine = Provider.Create(
            new EngineRequest(graph, weights, 8, new EngineSettings { Threads = 2 }) { Rounding = new ByteRounding(8) }
        );
        var images = new float[8 * 64];
        for (int i = 0; i < images.Length; i++)
            images[i] = MathF.Sin(i * 0.7f);
        engine.ComputeGradients(images, [0, 1, 2, 3, 0, 1, 2, 3], 0);
        Assert.Equal(["image", "stem.relu", "body.relu"], engine.Ranges.Select(range => range.Key));
        // Gradients pass through.
        Assert.Contains(engine.Gradient("stem.weight").ToArray(), value => value != 0);

        // Rounding the weights by hand and the input by hand changes nothing: they are what the engine sees already.
        var before = new float[8 * 4];
        engine.Predict(images, 8, before);
        foreach (var name in new[] { "stem.weight", "body.weight", "classifier.weight" })
            engine.SetValues(name, Rounded(engine.Values(name), graph.Parameter(name).Shape[0]));
        var range = engine.Values(engine.Ranges[0].Value).ToArray();
        var input = Quantization.Covering(range[0], range[1]);
        var after = new float[8 * 4];
        engine.Predict(Array.ConvertAll(images, value => MathF.Round(value / input.Scale) * input.Scale), 8, after);
        for (int i = 0; i < before.Length; i++)
            Assert.Equal(before[i], after[i], 1e-4);
        // And nothing of it is what floats give.
        using var floats = Provider.Create(new EngineRequest(graph, weights, 8, new EngineSettings { Threads = 2 }));
        floats.ComputeGradients(images, [0, 1, 2, 3, 0, 1, 2, 3], 0);
        Assert.Empty(floats.Ranges);
        floats.Predict(images, 8, after);
        Assert.NotEqual(before, after);
    }

    private static float[] Rounded(ReadOnlySpan<float> values, int outputs)
    {
        var rounded = values.ToArray();
        int perOutput = values.Length / outputs;
        for (int output = 0; output < outputs; output++)
        {
            var row = rounded.AsSpan(output * perOutput, perOutput);
            float scale = row.ToArray().Max(Math.Abs) / 127;
            foreach (ref float value in row)
                value = MathF.Round(value / scale) * scale;
        }

        return rounded;
    }

    private protected static void AssertSame(TrainingResult expected, TrainingResult found)
    {
        foreach (string name in expected.Model.Weights.Names)
            Assert.Equal(expected.Model.Weights[name].Values, found.Model.Weights[name].Values);
        Assert.Equal(expected.Ranges, found.Ranges);
        Assert.Equal(expected.History.Select(epoch => epoch.TestLoss), found.History.Select(epoch => epoch.TestLoss));
    }

    private protected TrainingResult Train(
        TrainingRecipe recipe,
        string folder,
        bool resume = false,
        int? maxSteps = null,
        int threads = 2,
        ITrainingEngineProvider? provider = null
    ) =>
        Trainer.Train(
            recipe,
            SyntheticImages.Network(),
            _training,
            _test,
            new TrainingOptions
            {
                Provider = provider ?? Provider,
                Folder = Path.Combine(_folder, folder),
                Resume = resume,
                Engine = new EngineSettings { Threads = threads },
                MaxSteps = maxSteps,
            }
        );
}
