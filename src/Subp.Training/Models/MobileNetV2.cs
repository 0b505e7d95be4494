using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// MobileNetV2 of width 1 (Sandler et al., 2018): seventeen inverted residual blocks, each a 1x1 convolution that widens, a depthwise 3x3
/// and a 1x1 without activation that narrows, with a residual where neither extent changes.
/// </summary>
public static class MobileNetV2
{
    // Expansion, channels, blocks, stride of the first.
    private static readonly (int Expansion, int Width, int Blocks, int Stride)[] Stages =
    [
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ];

    /// <summary>Builds the network.</summary>
    public static Graph Build(string name, ModelMetadata metadata, TensorShape image, int classes)
    {
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        value = Unit(builder, "stem", value, 32, Window.Square(3, 2, 1));
        int number = 0;
        foreach (var (expansion, width, blocks, stride) in Stages)
        {
            for (int index = 0; index < blocks; index++)
                value = Block(builder, FormattableString.Invariant($"block{++number}"), value, expansion, width, index == 0 ? stride : 1);
        }

        return NetworkParts.Classify(builder, Unit(builder, "last", value, 1280, Window.Square(1)), classes);
    }

    private static string Block(GraphBuilder builder, string name, string input, int expansion, int width, int stride)
    {
        int channels = builder.ShapeOf(input).Channels;
        int wide = channels * expansion;
        string value = expansion == 1 ? input : Unit(builder, $"{name}.expand", input, wide, Window.Square(1));
        value = Unit(builder, $"{name}.depthwise", value, wide, Window.Square(3, stride, 1), groups: wide);
        value = NetworkParts.Unit(builder, $"{name}.project", value, width, Window.Square(1), relu: false);
        return stride == 1 && channels == width ? builder.Node($"{name}.add", new Add(), value, input) : value;
    }

    private static string Unit(GraphBuilder builder, string name, string input, int width, Window window, int groups = 1) =>
        builder.Node($"{name}.relu6", Activate.Relu6, NetworkParts.Unit(builder, name, input, width, window, relu: false, groups: groups));
}
