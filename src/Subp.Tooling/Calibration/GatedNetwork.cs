using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Calibration;

/// <summary>
/// A network of inverted residual blocks with gates (Howard et al., "Searching for MobileNetV3", 2019, in small): it has what large layers
/// lack, means over maps, products on one pixel and depthwise convolutions of small maps, so that what a layer costs by being one can be
/// told from what it computes.
/// </summary>
internal static class GatedNetwork
{
    private const int Expansion = 4;

    // Channels, stride and number of blocks of each stage.
    private static readonly (int Channels, int Stride, int Blocks)[] s_stages =
    [
        (16, 1, 1),
        (24, 2, 2),
        (40, 2, 3),
        (112, 2, 4),
        (160, 2, 3),
    ];

    /// <summary>Builds the network.</summary>
    /// <param name="image">The shape of its input.</param>
    /// <param name="classes">The number of classes.</param>
    public static Graph Build(TensorShape image, int classes)
    {
        var builder = new GraphBuilder("gated");
        var value = builder.Conv2d(
            "stem",
            builder.Input("image", image),
            16,
            Window.Square(3, 2, 1),
            bias: true,
            activation: Activation.HardSwish
        );
        foreach (var (channels, stride, blocks) in s_stages)
        {
            for (var block = 0; block < blocks; block++)
                value = Block(builder, FormattableString.Invariant($"w{channels}.{block}"), value, channels, block == 0 ? stride : 1);
        }

        value = builder.Conv2d("head", value, 960, Window.Square(1), bias: true, activation: Activation.HardSwish);
        value = builder.Node("flat", new Flatten(), builder.Node("mean", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classes", value, classes));
        return builder.Build();
    }

    private static string Block(GraphBuilder builder, string name, string input, int channels, int stride)
    {
        var before = builder.ShapeOf(input).Channels;
        var wide = Expansion * before;
        // A function with an exponential in the blocks that change the size, a few instructions in the others.
        var activation = stride == 1 ? Activation.HardSwish : Activation.Silu;
        var value = builder.Conv2d(name + ".expand", input, wide, Window.Square(1), bias: true, activation: activation);
        value = builder.Conv2d(
            name + ".depthwise",
            value,
            wide,
            Window.Square(3, stride, 1),
            groups: wide,
            bias: true,
            activation: Activation.Relu
        );
        var mean = builder.Node(name + ".mean", new GlobalAveragePool(), value);
        var narrow = builder.Conv2d(name + ".squeeze", mean, wide / 4, Window.Square(1), bias: true, activation: Activation.Relu);
        var gate = builder.Conv2d(name + ".gate", narrow, wide, Window.Square(1), bias: true, activation: Activation.Sigmoid);
        value = builder.Conv2d(
            name + ".project",
            builder.Node(name + ".gated", new Mul(), value, gate),
            channels,
            Window.Square(1),
            bias: true
        );
        return before == channels && stride == 1 ? builder.Node(name + ".sum", new Add(), input, value) : value;
    }
}
