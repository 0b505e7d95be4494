using Subp.Core.Graphs;

namespace Subp.Training.Models;

/// <summary>The networks that can be built by name, for images and classes of any data set.</summary>
public static class ModelZoo
{
    private static readonly SortedDictionary<string, Func<string, ModelMetadata, TensorShape, int, int?, Graph>> Builders = new(
        StringComparer.Ordinal
    )
    {
        ["cifar-resnet20"] = (name, metadata, image, classes, width) => CifarResNet.Build(name, metadata, image, classes, 3, width),
        ["cifar-resnet56"] = (name, metadata, image, classes, width) => CifarResNet.Build(name, metadata, image, classes, 9, width),
        ["cifar-vgg16"] = (name, metadata, image, classes, _) => CifarVgg16.Build(name, metadata, image, classes),
        ["mobilenet-v1"] = (name, metadata, image, classes, _) => MobileNetV1.Build(name, metadata, image, classes),
        ["mobilenet-v2"] = (name, metadata, image, classes, _) => MobileNetV2.Build(name, metadata, image, classes),
        ["resnet18"] = (name, metadata, image, classes, width) => ResNet.Basic(name, metadata, image, classes, [2, 2, 2, 2], width),
        ["resnet34"] = (name, metadata, image, classes, width) => ResNet.Basic(name, metadata, image, classes, [3, 4, 6, 3], width),
        ["resnet50"] = (name, metadata, image, classes, width) => ResNet.Bottleneck(name, metadata, image, classes, [3, 4, 6, 3], width),
        ["vgg16-bn"] = (name, metadata, image, classes, _) => Vgg16.Build(name, metadata, image, classes),
    };

    /// <summary>The names, in ordinal order; <see cref="FashionResNet8"/> is built for its one data set and not among them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Builders.Keys];

    /// <summary>Whether a network can be built narrower or wider than published.</summary>
    public static bool HasWidths(string name) => name.Contains("resnet", StringComparison.Ordinal);

    /// <summary>Builds a network.</summary>
    /// <param name="name">One of <see cref="Names"/>; also the name of the graph.</param>
    /// <param name="image">The input [batch, channels, height, width]; as published [1,3,224,224], and [1,3,32,32] for the CIFAR
    /// networks.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="metadata">Class names and normalisation, or null for none.</param>
    /// <param name="width">The channels of the stem, by which those of all stages grow and shrink; null as published.</param>
    /// <exception cref="ArgumentException">A width for a network without <see cref="HasWidths"/>.</exception>
    /// <exception cref="KeyNotFoundException">The name is not among <see cref="Names"/>.</exception>
    /// <exception cref="Core.Diagnostics.SubpException">The image is too small for the network.</exception>
    public static Graph Build(string name, TensorShape image, int classes, ModelMetadata? metadata = null, int? width = null) =>
        width is null || HasWidths(name)
            ? Builders[name](name, metadata ?? ModelMetadata.Empty, image, classes, width)
            : throw new ArgumentException($"The network '{name}' has one width.", nameof(width));
}
