using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Training.Models;

/// <summary>
/// A small residual network for 28x28 grey images in the style of the CIFAR ResNets (He et al., 2016): a 3x3 stem of
/// stride 2, three stages of one basic block each at 14, 7 and 4 pixels, global average pooling, one linear layer. Down-sampling is a
/// stride-2 3x3 convolution with a 1x1 stride-2 convolution as the shortcut; batch normalisation follows every convolution.
/// </summary>
public static class FashionResNet8
{
    /// <summary>The name of the network.</summary>
    public const string Name = "fashion-resnet8";

    /// <summary>The channels of the stages. From 32 on, 75 % sparsity leaves a 1x16 group at least 8 input channels.</summary>
    public static IReadOnlyList<int> DefaultWidths { get; } = [32, 64, 128];

    /// <summary>Builds the network.</summary>
    /// <param name="metadata">Class names and normalisation.</param>
    /// <param name="widths">The channels of the stages, or null for <see cref="DefaultWidths"/>.</param>
    /// <param name="stemStride">The stride of the stem: 2, or 1 for four times the work.</param>
    public static Graph Build(ModelMetadata metadata, IReadOnlyList<int>? widths = null, int stemStride = 2)
    {
        widths ??= DefaultWidths;
        var builder = new GraphBuilder(Name) { Metadata = metadata };
        string value = builder.Input("image", new TensorShape(1, 1, 28, 28));
        value = Unit(builder, "stem", value, widths[0], Window.Square(3, stemStride, 1), relu: true);
        for (int stage = 0; stage < widths.Count; stage++)
            value = Block(builder, FormattableString.Invariant($"stage{stage + 1}"), value, widths[stage], stage == 0 ? 1 : 2);

        value = builder.Node("pool", new GlobalAveragePool(), value);
        value = builder.Node("features", new Flatten(), value);
        builder.Output(builder.Linear("classifier", value, metadata.ClassNames.Count));
        return builder.Build();
    }

    private static string Block(GraphBuilder builder, string name, string input, int width, int stride)
    {
        string value = Unit(builder, $"{name}.conv1", input, width, Window.Square(3, stride, 1), relu: true);
        value = Unit(builder, $"{name}.conv2", value, width, Window.Square(3, 1, 1), relu: false);
        string shortcut =
            stride == 1 && builder.ShapeOf(input).Channels == width
                ? input
                : Unit(builder, $"{name}.shortcut", input, width, Window.Square(1, stride), relu: false);
        return builder.Node($"{name}.relu", Activate.Relu, builder.Node($"{name}.add", new Add(), value, shortcut));
    }

    private static string Unit(GraphBuilder builder, string name, string input, int width, Window window, bool relu)
    {
        string value = builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, window));
        return relu ? builder.Node($"{name}.relu", Activate.Relu, value) : value;
    }
}
