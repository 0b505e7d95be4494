using Subp.Core.Graphs;
using Subp.Training.Models;

namespace Subp.Cli.Training;

/// <summary>A network of the zoo for the images that it is to be trained on.</summary>
internal static class ZooGraph
{
    /// <summary>Builds a network. Every one takes images of any extent; one that shrinks them to nothing says so.</summary>
    public static Graph Build(string name, TrainingData data)
    {
        var images = data.Training;
        return name == FashionResNet8.Name
            ? FashionResNet8.Build(data.Metadata)
            : ModelZoo.Build(
                name,
                new TensorShape(1, images.Channels, images.Height, images.Width),
                data.Metadata.ClassNames.Count,
                data.Metadata
            );
    }
}
