using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Benchmarks.Peers.Networks;

/// <summary>
/// DenseNet-121 (Huang et al., 2017): every layer reads the results of all layers of its block, side by side, behind a normalisation of
/// its own.
/// </summary>
internal static class DenseNet121
{
    private const int Growth = 32;
    private static readonly int[] s_blocks = [6, 12, 24, 16];

    /// <summary>Builds the network.</summary>
    public static Graph Build(string name, TensorShape image, int classes)
    {
        var builder = new GraphBuilder(name);
        var value = builder.Conv2d("stem", builder.Input("image", image), 64, Window.Square(7, 2, 3));
        value = Normalised(builder, "stem", value);
        value = builder.Node("stem.pool", new Pool2d { Kind = PoolKind.Maximum, Window = Window.Square(3, 2, 1) }, value);
        foreach (var (block, layers) in s_blocks.Index())
        {
            for (var layer = 1; layer <= layers; layer++)
                value = Layer(builder, $"block{block + 1}.layer{layer}", value);
            if (block < s_blocks.Length - 1)
                value = Transition(builder, $"transition{block + 1}", value);
        }

        value = builder.Node("pool", new GlobalAveragePool(), Normalised(builder, "end", value));
        builder.Output(builder.Linear("classifier", builder.Node("features", new Flatten(), value), classes));
        return builder.Build();
    }

    private static string Layer(GraphBuilder builder, string name, string input)
    {
        var narrow = builder.Conv2d($"{name}.conv1", Normalised(builder, $"{name}.first", input), 4 * Growth, Window.Square(1));
        var grown = builder.Conv2d($"{name}.conv2", Normalised(builder, $"{name}.second", narrow), Growth, Window.Square(3, padding: 1));
        return builder.Node($"{name}.joined", new Concat(), input, grown);
    }

    private static string Transition(GraphBuilder builder, string name, string input)
    {
        var narrow = builder.Conv2d(name, Normalised(builder, name, input), builder.ShapeOf(input).Channels / 2, Window.Square(1));
        return builder.Node($"{name}.pool", new Pool2d { Kind = PoolKind.Average, Window = Window.Square(2, 2) }, narrow);
    }

    private static string Normalised(GraphBuilder builder, string name, string input) =>
        builder.Node($"{name}.relu", Activate.Relu, builder.BatchNorm($"{name}.norm", input));
}
