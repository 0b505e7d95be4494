using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// The form of VGG-16 for small images that publications on pruning use: the thirteen 3x3 convolutions of <see cref="Vgg16"/>, each with
/// bias and a batch normalisation, a maximum pool of stride 2 behind each of the five stages, and one linear layer. Of images of less than
/// 32 pixels the map is one pixel before the last pools, which are left out.
/// </summary>
public static class CifarVgg16
{
    private static readonly (int Width, int Layers)[] Stages = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)];

    /// <summary>Builds the network, for images of any size; a map that is left of large ones is averaged.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes)
    {
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        var (height, width) = (image.Height, image.Width);
        for (int stage = 0; stage < Stages.Length; stage++)
        {
            string label = FormattableString.Invariant($"stage{stage + 1}");
            for (int layer = 0; layer < Stages[stage].Layers; layer++)
            {
                value = NetworkParts.Unit(
                    builder,
                    FormattableString.Invariant($"{label}.conv{layer + 1}"),
                    value,
                    Stages[stage].Width,
                    Window.Square(3, 1, 1),
                    relu: true,
                    bias: true
                );
            }

            if (height < 2 || width < 2)
                continue;
            value = builder.Node($"{label}.pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(2, 2) }, value);
            (height, width) = (height / 2, width / 2);
        }

        return NetworkParts.Classify(builder, value, classes);
    }
}
