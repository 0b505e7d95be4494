using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// The CIFAR ResNets of 6n + 2 layers (He et al., 2016, section 4.2): three stages of n basic blocks at 16, 32 and 64 channels. Shortcuts
/// have no parameters (option A): where the shape changes they take every second pixel and put zero channels on both sides.
/// </summary>
public static class CifarResNet
{
    /// <summary>Builds a network with <paramref name="blocks"/> blocks per stage: 3 is ResNet-20, 9 is ResNet-56.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes, int blocks, int? width = null)
    {
        const int PublishedWidth = 16;
        const int Stages = 3;
        int firstWidth = width ?? PublishedWidth;
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        value = NetworkParts.Unit(builder, "stem", value, firstWidth, Window.Square(3, 1, 1), relu: true);
        for (int stage = 0; stage < Stages; stage++)
        {
            for (int block = 0; block < blocks; block++)
            {
                string label = FormattableString.Invariant($"stage{stage + 1}.block{block + 1}");
                value = Block(builder, label, value, firstWidth << stage, stage > 0 && block == 0 ? 2 : 1);
            }
        }

        return NetworkParts.Classify(builder, value, classes);
    }

    private static string Block(GraphBuilder builder, string name, string input, int width, int stride)
    {
        string value = NetworkParts.Unit(builder, $"{name}.conv1", input, width, Window.Square(3, stride, 1), relu: true);
        value = NetworkParts.Unit(builder, $"{name}.conv2", value, width, Window.Square(3, 1, 1), relu: false);
        return NetworkParts.Join(builder, name, value, stride == 1 ? input : Shortcut(builder, name, input, width));
    }

    private static string Shortcut(GraphBuilder builder, string name, string input, int width)
    {
        // A pooling window of one pixel takes every second pixel; a clamp to [0, 0] is how a graph writes zeros.
        string pixels = builder.Node($"{name}.pixels", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(1, 2) }, input);
        int missing = (width - builder.ShapeOf(input).Channels) / 2;
        string some = builder.Node(
            $"{name}.some",
            new Slice
            {
                Axis = 1,
                Begin = 0,
                End = missing,
            },
            pixels
        );
        string zeros = builder.Node($"{name}.zeros", new Activate(new Activation(0, 0)), some);
        return builder.Node($"{name}.shortcut", new Concat(), zeros, pixels, zeros);
    }
}
