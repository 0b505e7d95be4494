using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>
/// RegNetY-400MF as torchvision has it (Radosavovic et al., 2020): bottlenecks of one width with grouped 3x3 convolutions and a gate for
/// every channel.
/// </summary>
internal static class RegNetY400MF
{
    private const int GroupWidth = 8;
    private static readonly (int Width, int Blocks)[] s_stages = [(48, 1), (104, 3), (208, 6), (440, 6)];

    /// <summary>Builds the network.</summary>
    public static Graph Build(string name, TensorShape image, int classes)
    {
        var builder = new GraphBuilder(name);
        var value = Unit(builder, "stem", builder.Input("image", image), 32, Window.Square(3, 2, 1));
        foreach (var (stage, (width, blocks)) in s_stages.Index())
        {
            for (var block = 1; block <= blocks; block++)
                value = Block(builder, $"stage{stage + 1}.block{block}", value, width, block == 1 ? 2 : 1);
        }

        value = builder.Node("features", new Flatten(), builder.Node("pool", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", value, classes));
        return builder.Build();
    }

    private static string Block(GraphBuilder builder, string name, string input, int width, int stride)
    {
        var channels = builder.ShapeOf(input).Channels;
        var value = Unit(builder, $"{name}.conv1", input, width, Window.Square(1));
        value = Unit(builder, $"{name}.conv2", value, width, Window.Square(3, stride, 1), width / GroupWidth);
        value = Gated(builder, $"{name}.gate", value, channels / 4);
        value = Normal(builder, $"{name}.conv3", value, width, Window.Square(1));
        var shortcut =
            channels == width && stride == 1 ? input : Normal(builder, $"{name}.shortcut", input, width, Window.Square(1, stride));
        return builder.Node($"{name}.relu", Activate.Relu, builder.Node($"{name}.add", new Add(), shortcut, value));
    }

    /// <summary>The value times a number between 0 and 1 for each channel, computed from the means of all channels.</summary>
    private static string Gated(GraphBuilder builder, string name, string input, int narrow)
    {
        var mean = builder.Node($"{name}.mean", new GlobalAveragePool(), input);
        var reduced = builder.Node(
            $"{name}.relu",
            Activate.Relu,
            builder.Conv2d($"{name}.reduce", mean, narrow, Window.Square(1), bias: true)
        );
        var expanded = builder.Conv2d($"{name}.expand", reduced, builder.ShapeOf(input).Channels, Window.Square(1), bias: true);
        return builder.Node(name, new Mul(), input, builder.Node($"{name}.sigmoid", Activate.Sigmoid, expanded));
    }

    private static string Unit(GraphBuilder builder, string name, string input, int width, Window window, int groups = 1) =>
        builder.Node($"{name}.relu", Activate.Relu, Normal(builder, name, input, width, window, groups));

    private static string Normal(GraphBuilder builder, string name, string input, int width, Window window, int groups = 1) =>
        builder.BatchNorm($"{name}.norm", builder.Conv2d(name, input, width, window, groups));
}
