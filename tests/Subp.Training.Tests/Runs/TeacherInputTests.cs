using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Training.Engines;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Training.Tests.Runs;

/// <summary>A teacher sees the images as it was trained on them, whatever the pupil's normalisation is.</summary>
public sealed class TeacherInputTests
{
    [Fact]
    public void Images_are_converted_channel_by_channel_to_the_normalisation_of_the_teacher()
    {
        var pupil = Network([0.5f, 0.25f, 0], [0.5f, 0.25f, 1]);
        var teacher = Network([0.25f, 0.25f, 0.5f], [0.25f, 0.5f, 0.5f]);
        float[] pixels = [0, 0.25f, 0.5f, 1, 0, 0.25f, 0.5f, 1, 0, 0.25f, 0.5f, 1];
        float[] two = [.. Normalise(pixels, pupil), .. Normalise(pixels, pupil)];
        float[] expected = [.. Normalise(pixels, teacher), .. Normalise(pixels, teacher)];
        Assert.Equal(expected, InputConversion.Between(pupil, teacher)!.Apply(two).ToArray());
    }

    [Fact]
    public void Nothing_is_converted_where_a_network_names_no_normalisation_or_both_the_same()
    {
        var named = Network([0.5f, 0.5f, 0.5f], [1, 1, 1]);
        Assert.Null(InputConversion.Between(named, Network([], [])));
        Assert.Null(InputConversion.Between(Network([], []), named));
        Assert.Null(InputConversion.Between(named, Network([0.5f, 0.5f, 0.5f], [1, 1, 1])));
    }

    [Fact]
    public void A_pupil_learns_the_same_of_a_teacher_whose_normalisation_is_written_into_its_weights()
    {
        // The mean is zero in both, since a mean in the weights would be wrong where a convolution pads with zeros.
        var teacher = SyntheticImages.Network(width: 32);
        var weights = WeightInitializer.Initialize(teacher, seed: 3);
        var scaled = new WeightSet();
        foreach (string name in weights.Names)
        {
            var values = weights[name].Values.ToArray();
            scaled[name] = new WeightTensor(weights[name].Shape, name == "stem.weight" ? [.. values.Select(value => value / 4)] : values);
        }

        var whole = Train(new Model(Named(teacher, 1), weights));
        Assert.Equal(whole, Train(new Model(Named(teacher, 0.25f), scaled)));
        Assert.NotEqual(whole, Train(new Model(Named(teacher, 0.25f), weights)));
    }

    [Fact]
    public void A_normalisation_for_other_channels_is_answered_with_SUBP0582()
    {
        var teacher = SyntheticImages.Network().With(metadata: new() { NormalizationMean = [0, 0], NormalizationDeviation = [1, 1] });
        var failure = Assert.Throws<SubpException>(() => Train(new Model(teacher, WeightInitializer.Initialize(teacher, 1))));
        Assert.Equal("SUBP0582", failure.Diagnostic.Descriptor.Id);
    }

    private static float[] Train(Model teacher) =>
        Trainer
            .Train(
                new TrainingRecipe
                {
                    Method = TrainingMethod.Dense,
                    Epochs = 1,
                    BatchSize = 32,
                    Distillation = 0.5,
                },
                Named(SyntheticImages.Network(), 0.5f),
                SyntheticImages.Create(64),
                SyntheticImages.Create(32, seed: 6),
                new TrainingOptions { Engine = new EngineSettings { Threads = 1 } },
                teacher: teacher
            )
            .Model.Weights["body.weight"]
            .Values;

    private static Graph Named(Graph graph, float deviation) =>
        graph.With(metadata: new() { NormalizationMean = [0], NormalizationDeviation = [deviation] });

    private static float[] Normalise(float[] pixels, Graph graph) =>
        [
            .. pixels.Select(
                (pixel, index) => (pixel - graph.Metadata.NormalizationMean[index / 4]) / graph.Metadata.NormalizationDeviation[index / 4]
            ),
        ];

    private static Graph Network(float[] mean, float[] deviation)
    {
        var builder = new GraphBuilder("images")
        {
            Metadata = new ModelMetadata { NormalizationMean = mean, NormalizationDeviation = deviation },
        };
        string x = builder.Input("image", new TensorShape(1, 3, 2, 2));
        builder.Output(builder.Node("relu", Activate.Relu, x));
        return builder.Build();
    }
}
