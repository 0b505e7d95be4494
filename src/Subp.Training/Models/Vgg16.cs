using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// VGG-16 (Simonyan and Zisserman, 2015, configuration D) with a batch normalisation after every convolution: thirteen 3x3 convolutions
/// with bias in five stages, a maximum pool of stride 2 after each, three linear layers. Dropout does nothing in inference and is left out.
/// </summary>
public static class Vgg16
{
    internal static readonly (int Width, int Layers)[] Stages = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];

    /// <summary>Builds the network; height and width of the image are at least 32.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes)
    {
        const int Hidden = 4096;
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        for (int stage = 0; stage < Stages.Length; stage++)
            value = Pool(builder, stage, Convolutions(builder, stage, value));

        value = builder.Node("features", new Flatten(), value);
        value = builder.Node("hidden1.relu", Activate.Relu, builder.Linear("hidden1", value, Hidden));
        value = builder.Node("hidden2.relu", Activate.Relu, builder.Linear("hidden2", value, Hidden));
        builder.Output(builder.Linear("classifier", value, classes));
        return builder.Build();
    }

    /// <summary>The convolutions of a stage.</summary>
    internal static string Convolutions(GraphBuilder builder, int stage, string value)
    {
        for (int layer = 0; layer < Stages[stage].Layers; layer++)
        {
            value = NetworkParts.Unit(
                builder,
                FormattableString.Invariant($"stage{stage + 1}.conv{layer + 1}"),
                value,
                Stages[stage].Width,
                Window.Square(3, 1, 1),
                relu: true,
                bias: true
            );
        }

        return value;
    }

    /// <summary>The pool behind a stage.</summary>
    internal static string Pool(GraphBuilder builder, int stage, string value) =>
        builder.Node(
            FormattableString.Invariant($"stage{stage + 1}.pool"),
            new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) },
            value
        );
}
