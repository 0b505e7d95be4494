using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Tooling.Calibration;

/// <summary>
/// A network whose layers read all that was computed before them, joined (Huang et al., "Densely Connected Convolutional Networks", 2017,
/// in small): it has what residual networks lack, normalisations that no convolution can take in and 3x3 convolutions to few channels.
/// </summary>
internal static class JoinedNetwork
{
    private const int Growth = 32;
    private const int LayersPerBlock = 5;
    private const int Blocks = 4;

    /// <summary>Builds the network.</summary>
    /// <param name="image">The shape of its input.</param>
    /// <param name="classes">The number of classes.</param>
    public static Graph Build(TensorShape image, int classes)
    {
        var builder = new GraphBuilder("joined");
        var value = Normalised(builder, "stem", builder.Conv2d("stem", builder.Input("image", image), 64, Window.Square(7, 2, 3)));
        value = Pooled(builder, "pool", value, PoolKind.Maximum, Window.Square(3, 2, 1));
        for (var block = 0; block < Blocks; block++)
        {
            for (var layer = 0; layer < LayersPerBlock; layer++)
            {
                var name = FormattableString.Invariant($"block{block}.{layer}");
                var narrow = builder.Conv2d(name + ".narrow", Normalised(builder, name, value), 4 * Growth, Window.Square(1));
                var grown = builder.Conv2d(name + ".grow", Normalised(builder, name + ".narrow", narrow), Growth, Window.Square(3, 1, 1));
                value = builder.Node(name + ".join", new Concat(), value, grown);
            }

            if (block == Blocks - 1)
                break;
            var transition = FormattableString.Invariant($"transition{block}");
            // As wide as the blocks of published networks, which have more layers.
            value = builder.Conv2d(transition, Normalised(builder, transition, value), 128 << block, Window.Square(1));
            value = Pooled(builder, transition + ".pool", value, PoolKind.Average, Window.Square(2, 2));
        }

        value = builder.Node("mean", new GlobalAveragePool(), Normalised(builder, "last", value));
        builder.Output(builder.Linear("classes", builder.Node("flat", new Flatten(), value), classes));
        return builder.Build();
    }

    private static string Normalised(GraphBuilder builder, string name, string value) =>
        builder.Node(name + ".relu", Activate.Relu, builder.BatchNorm(name + ".norm", value));

    private static string Pooled(GraphBuilder builder, string name, string value, PoolKind kind, Window window) =>
        builder.Node(name, new Pool2d { Kind = kind, Window = window }, value);
}
