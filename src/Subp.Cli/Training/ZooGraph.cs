using Subp.Core.Graphs;
using Subp.Core.Text;
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

    /// <summary>The network of a run as its folder describes it, normalisation included, unless the user names another one.</summary>
    /// <param name="recorded">The network in the folder; null where there is no run, or one of a version that did not write it.</param>
    /// <param name="name">The network that the user names, or null.</param>
    /// <param name="data">The images to train on.</param>
    public static Graph OfRun(Graph? recorded, string? name, TrainingData data)
    {
        if (recorded is not null && name is null)
            return recorded;
        var named = Build(name ?? FashionResNet8.Name, data);
        return recorded is not null && StructureHash.Compute(recorded.WithDenseParameters()) == StructureHash.Compute(named)
            ? recorded
            : named;
    }
}
