using Subp.Core.Graphs;

namespace Subp.Training.Models;

/// <summary>
/// The form of VGG-16 for small images that publications on pruning use: the thirteen 3x3 convolutions of <see cref="Vgg16"/>, each with
/// bias and a batch normalisation, a maximum pool of stride 2 behind each of the five stages, and one linear layer. Of images of less than
/// 32 pixels the map is one pixel before the last pools, which are left out.
/// </summary>
public static class CifarVgg16
{
    /// <summary>Builds the network, for images of any size; a map that is left of large ones is averaged.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes)
    {
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        var (height, width) = (image.Height, image.Width);
        for (int stage = 0; stage < Vgg16.Stages.Length; stage++)
        {
            value = Vgg16.Convolutions(builder, stage, value);
            if (height < 2 || width < 2)
                continue;
            value = Vgg16.Pool(builder, stage, value);
            (height, width) = (height / 2, width / 2);
        }

        return NetworkParts.Classify(builder, value, classes);
    }
}
