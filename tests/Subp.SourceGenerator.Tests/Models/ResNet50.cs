using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Sparsity;

namespace Subp.SourceGenerator.Tests.Models;

/// <summary>
/// A network of the size of ResNet-50 (53 convolutions, 25 million weights, 1x16 blocks at 75 %), for what must stay quick on large models.
/// </summary>
public static class ResNet50
{
    /// <summary>Builds the network; the same every time.</summary>
    public static Graph Build()
    {
        var random = new Random(50);
        var builder = new GraphBuilder("resnet50");
        var value = builder.Input("image", new TensorShape(1, 3, 224, 224));
        value = builder.Conv2d("stem", value, 64, Window.Square(7, 2, 3), bias: true, activation: Activation.Relu);
        value = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, value);
        foreach (var (stage, blocks) in new[] { 3, 4, 6, 3 }.Index())
        {
            for (var block = 0; block < blocks; block++)
                value = Bottleneck(
                    builder,
                    random,
                    FormattableString.Invariant($"stage{stage + 1}.{block}"),
                    value,
                    64 << stage,
                    stage > 0 && block == 0 ? 2 : 1
                );
        }

        value = builder.Node("features", new Flatten(), builder.Node("average", new GlobalAveragePool(), value));
        builder.Output(builder.Linear("classifier", value, 1000));
        return builder.Build();
    }

    private static string Bottleneck(GraphBuilder builder, Random random, string name, string input, int width, int stride)
    {
        var value = Sparse(builder, random, name + ".conv1", input, width, Window.Square(1), relu: true);
        value = Sparse(builder, random, name + ".conv2", value, width, Window.Square(3, stride, 1), relu: true);
        value = Sparse(builder, random, name + ".conv3", value, 4 * width, Window.Square(1), relu: false);
        var shortcut =
            builder.ShapeOf(input).Channels == 4 * width
                ? input
                : Sparse(builder, random, name + ".shortcut", input, 4 * width, Window.Square(1, stride), relu: false);
        return builder.Node(name + ".relu", Activate.Relu, builder.Node(name + ".add", new Add(), value, shortcut));
    }

    private static string Sparse(GraphBuilder builder, Random random, string name, string input, int outputs, Window window, bool relu)
    {
        var channels = builder.ShapeOf(input).Channels;
        var kept = Enumerable.Range(0, outputs / 16).Select(_ => Draw(random, channels)).ToArray();
        return builder.Conv2d(
            name,
            input,
            outputs,
            window,
            bias: true,
            pattern: new BlockPattern(16, channels, kept),
            activation: relu ? Activation.Relu : Activation.None
        );
    }

    private static int[] Draw(Random random, int channels)
    {
        var all = Enumerable.Range(0, channels).ToArray();
        random.Shuffle(all);
        return [.. all.Take(channels / 4).Order()];
    }
}
