using Subp.Core.Graphs;

namespace Subp.Training.Models;

/// <summary>The networks that can be built by name, for images and classes of any data set.</summary>
public static class ModelZoo
{
    private static readonly SortedDictionary<string, Func<string, ModelMetadata, TensorShape, int, Graph>> Builders = new(
        StringComparer.Ordinal
    )
    {
        ["cifar-resnet20"] = (name, metadata, image, classes) => CifarResNet.Build(name, metadata, image, classes, blocks: 3),
        ["cifar-resnet56"] = (name, metadata, image, classes) => CifarResNet.Build(name, metadata, image, classes, blocks: 9),
        ["mobilenet-v1"] = MobileNetV1.Build,
        ["resnet18"] = (name, metadata, image, classes) => ResNet.Basic(name, metadata, image, classes, 2, 2, 2, 2),
        ["resnet34"] = (name, metadata, image, classes) => ResNet.Basic(name, metadata, image, classes, 3, 4, 6, 3),
        ["resnet50"] = (name, metadata, image, classes) => ResNet.Bottleneck(name, metadata, image, classes, 3, 4, 6, 3),
        ["vgg16-bn"] = Vgg16.Build,
    };

    /// <summary>The names, in ordinal order; <see cref="FashionResNet8"/> is built for its one data set and not among them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Builders.Keys];

    /// <summary>Builds a network.</summary>
    /// <param name="name">One of <see cref="Names"/>; also the name of the graph.</param>
    /// <param name="image">The input [batch, channels, height, width]; as published [1,3,224,224], and [1,3,32,32] for the CIFAR
    /// networks.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="metadata">Class names and normalisation, or null for none.</param>
    /// <exception cref="KeyNotFoundException">The name is not among <see cref="Names"/>.</exception>
    /// <exception cref="Core.Diagnostics.SubpException">The image is too small for the network.</exception>
    public static Graph Build(string name, TensorShape image, int classes, ModelMetadata? metadata = null) =>
        Builders[name](name, metadata ?? ModelMetadata.Empty, image, classes);
}
