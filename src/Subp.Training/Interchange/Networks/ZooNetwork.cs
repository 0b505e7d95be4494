using Subp.Core.Graphs;
using Subp.Training.Data;
using Subp.Training.Models;

namespace Subp.Training.Interchange.Networks;

/// <summary>The extents of a network of the zoo that a state dictionary or a graph shows.</summary>
/// <param name="Channels">The channels of the input.</param>
/// <param name="Classes">The number of classes.</param>
/// <param name="Widths">The channels of the stem or, for the small network of 28 x 28 images, of every stage; null as published.</param>
internal sealed record ZooExtents(int? Channels, int? Classes, IReadOnlyList<int>? Widths)
{
    /// <summary>As published.</summary>
    public static readonly ZooExtents Published = new(null, null, null);
}

/// <summary>Builds networks of the zoo in whatever extents a file has them.</summary>
internal static class ZooNetwork
{
    private const int ImageNetClasses = 1000;
    private const int CifarClasses = 10;

    /// <summary>The names of all networks.</summary>
    public static IReadOnlyList<string> Names { get; } = [FashionResNet8.Name, .. ModelZoo.Names];

    /// <summary>The height and width of the images that a network was published for.</summary>
    public static int PublishedExtent(string name) =>
        name switch
        {
            FashionResNet8.Name => 28,
            _ when name.StartsWith("cifar-", StringComparison.Ordinal) => 32,
            _ => 224,
        };

    /// <summary>Builds a network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="extents">Channels, classes and widths.</param>
    /// <param name="batch">The images of one run.</param>
    /// <param name="height">The height of an image, or null as published.</param>
    /// <param name="width">The width of an image, or null as published.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The image is too small for the network.</exception>
    public static Graph Build(string name, ZooExtents extents, int batch = 1, int? height = null, int? width = null)
    {
        int published = PublishedExtent(name);
        if (name == FashionResNet8.Name)
            return FashionResNet8.Build(Metadata(extents.Classes ?? CifarClasses), extents.Widths);

        var image = new TensorShape(batch, extents.Channels ?? 3, height ?? published, width ?? published);
        int classes = extents.Classes ?? (published == 32 ? CifarClasses : ImageNetClasses);
        return ModelZoo.Build(name, image, classes, width: ModelZoo.HasWidths(name) ? extents.Widths?[0] : null);
    }

    private static ModelMetadata Metadata(int classes) =>
        classes == FashionMnist.Metadata.ClassNames.Count
            ? FashionMnist.Metadata
            : ModelMetadata.Empty with
            {
                ClassNames = [.. Enumerable.Range(0, classes).Select(index => FormattableString.Invariant($"class {index}"))],
            };
}
