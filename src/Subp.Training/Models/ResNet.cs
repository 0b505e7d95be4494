using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// ResNet for ImageNet (He et al., 2016): a 7x7 stem, four stages of residual blocks at 64, 128, 256 and 512 channels. The bottleneck has
/// its stride in the 3x3 convolution, as the common re-implementations and the SUBP paper have it. Shortcuts that change the shape are 1x1
/// convolutions.
/// </summary>
public static class ResNet
{
    private const int PublishedWidth = 64;
    private const int BottleneckExpansion = 4;

    /// <summary>Builds a network of basic blocks: [2,2,2,2] is ResNet-18, [3,4,6,3] is ResNet-34.</summary>
    public static Graph Basic(
        string name,
        ModelMetadata metadata,
        TensorShape image,
        int classes,
        IReadOnlyList<int> blocks,
        int? width = null
    ) => Build(name, metadata, image, classes, blocks, isBottleneck: false, width ?? PublishedWidth);

    /// <summary>Builds a network of bottleneck blocks: [3,4,6,3] is ResNet-50.</summary>
    public static Graph Bottleneck(
        string name,
        ModelMetadata metadata,
        TensorShape image,
        int classes,
        IReadOnlyList<int> blocks,
        int? width = null
    ) => Build(name, metadata, image, classes, blocks, isBottleneck: true, width ?? PublishedWidth);

    private static Graph Build(
        string name,
        ModelMetadata metadata,
        TensorShape image,
        int classes,
        IReadOnlyList<int> blocks,
        bool isBottleneck,
        int firstWidth
    )
    {
        var builder = NetworkParts.Start(name, metadata, image, out string value);
        value = NetworkParts.Unit(builder, "stem", value, firstWidth, Window.Square(7, 2, 3), relu: true);
        value = builder.Node("stem.pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, value);
        for (int stage = 0; stage < blocks.Count; stage++)
        {
            for (int block = 0; block < blocks[stage]; block++)
            {
                string label = FormattableString.Invariant($"stage{stage + 1}.block{block + 1}");
                int stride = stage > 0 && block == 0 ? 2 : 1;
                value = Block(builder, label, value, firstWidth << stage, stride, isBottleneck);
            }
        }

        return NetworkParts.Classify(builder, value, classes);
    }

    private static string Block(GraphBuilder builder, string name, string input, int width, int stride, bool isBottleneck)
    {
        int outputs = isBottleneck ? width * BottleneckExpansion : width;
        string value;
        if (isBottleneck)
        {
            value = NetworkParts.Unit(builder, $"{name}.conv1", input, width, Window.Square(1), relu: true);
            value = NetworkParts.Unit(builder, $"{name}.conv2", value, width, Window.Square(3, stride, 1), relu: true);
            value = NetworkParts.Unit(builder, $"{name}.conv3", value, outputs, Window.Square(1), relu: false);
        }
        else
        {
            value = NetworkParts.Unit(builder, $"{name}.conv1", input, width, Window.Square(3, stride, 1), relu: true);
            value = NetworkParts.Unit(builder, $"{name}.conv2", value, width, Window.Square(3, 1, 1), relu: false);
        }

        string shortcut =
            stride == 1 && builder.ShapeOf(input).Channels == outputs
                ? input
                : NetworkParts.Unit(builder, $"{name}.shortcut", input, outputs, Window.Square(1, stride), relu: false);
        return NetworkParts.Join(builder, name, value, shortcut);
    }
}
