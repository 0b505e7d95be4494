using Subp.Training.Pruning;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>A network to compare: 224 x 224, 1000 classes.</summary>
/// <param name="Title">The network and its configuration, as the table calls it.</param>
/// <param name="Network">The name in the model zoo, or of the networks beside this file.</param>
/// <param name="Pruning">What is pruned, or null for nothing.</param>
/// <param name="Goal">How many times faster than ONNX Runtime it should be.</param>
internal sealed record NetworkCase(string Title, string Network, PruneOptions? Pruning, double Goal)
{
    private const int Wide = 32;
    private static readonly PruneOptions s_blocks = new() { Sparsity = 0.75, Shortcuts = false };

    /// <summary>How many images one run takes.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>All of them, in the order of the table. The goals are those of a Zen 5 core with AVX-512.</summary>
    public static IReadOnlyList<NetworkCase> All { get; } =
    [
        new("ResNet-18, 16 block convolutions at 75 %", "resnet18", s_blocks, 5.8),
        new("ResNet-18, the same, batch 8", "resnet18", s_blocks, 5.2) { Batch = 8 },
        Published("ResNet-18, published 60/128", "resnet18", "resnet18-60/128", 3.6),
        Published("ResNet-34, published 59/128", "resnet34", "resnet34-59/128", 3.8),
        Published("ResNet-50, published 98.5/128 (1.0 G)", "resnet50", "resnet50-98.5/128", 4.6),
        Published("ResNet-50, published 98.5/128, 1x32", "resnet50", "resnet50-98.5/128", 5.1, Wide),
        Published("ResNet-50, published 66/128 (2.0 G)", "resnet50", "resnet50-66/128", 2.55),
        Published("ResNet-50, published 66/128, 1x32", "resnet50", "resnet50-66/128", 2.7, Wide),
        Published("MobileNetV1, published 69/128", "mobilenet-v1", "mobilenetv1-69/128", 2.0),
        Published("MobileNetV1, published 69/128, 1x32", "mobilenet-v1", "mobilenetv1-69/128", 2.2, Wide),
        new("MobileNetV2, 75 %", "mobilenet-v2", new PruneOptions { Sparsity = 0.75 }, 2.5),
        new("DenseNet-121, 75 %", "densenet121", new PruneOptions { Sparsity = 0.75 }, 3.7),
        new("RegNetY-400MF, 60 %", "regnet-y-400mf", new PruneOptions { Sparsity = 0.6 }, 1.9),
        new("ResNet-50, dense", "resnet50", null, 1.2),
        new("VGG-16, dense", "vgg16-bn", null, 1.5),
    ];

    /// <summary>Those of the table of bytes. Their goals compare with the bytes of ONNX Runtime.</summary>
    public static IReadOnlyList<NetworkCase> InBytes { get; } =
    [
        new("ResNet-18, 75 %", "resnet18", s_blocks, 2.1),
        Published("ResNet-50, 98.5/128", "resnet50", "resnet50-98.5/128", 2.0),
        Published("ResNet-50, 66/128", "resnet50", "resnet50-66/128", 1.1),
        Published("MobileNetV1, 69/128", "mobilenet-v1", "mobilenetv1-69/128", 1.25),
        new("MobileNetV1, 75 %", "mobilenet-v1", new PruneOptions { Sparsity = 0.75 }, 1.6),
        // What bytes are worth by themselves: .NET reaches half of the vector length that ONNX Runtime multiplies bytes in.
        new("ResNet-50, no zeros", "resnet50", null, 0.6),
    ];

    private static NetworkCase Published(string title, string network, string preset, double goal, int blockLength = 16) =>
        new(title, network, PrunePreset.Find(preset).Options with { BlockLength = blockLength }, goal);
}
