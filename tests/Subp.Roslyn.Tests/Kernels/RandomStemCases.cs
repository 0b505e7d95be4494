using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Text;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Random stems by phases with the pool behind them: any size, padding, batch, clamp and number of channels, and what reads the pooled map.
/// </summary>
internal static class RandomStemCases
{
    private const int Count = 4;

    private static readonly Activation[] s_clamps = [Activation.None, Activation.Relu, Activation.Relu6, new(-0.5f, 0.75f)];

    /// <summary>The cases of the test suite; <see cref="RandomConformance"/> runs as many as one likes.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(1, Count).Select(Case);

    /// <summary>The case of a seed.</summary>
    public static KernelCase Case(int seed)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder($"{RandomCases.Prefix}stem-{seed}");
        var image = new TensorShape(random.Next(1, 4), random.Next(1, 5), random.Next(9, 90), random.Next(50, 150));
        var kernel = random.Next(7, 9);
        int Padding() => random.Next(0, 4);
        var window = new Window(new(kernel, kernel), new(2, 2), new Padding(Padding(), Padding(), Padding(), Padding()), Extent.One);
        var stem = builder.Conv2d(
            "stem",
            builder.Input("image", image),
            random.Next(1, 20) * 4,
            window,
            bias: random.Next(2) == 0,
            activation: s_clamps[random.Next(s_clamps.Length)]
        );
        // Below and to the right some do not fit, and stay layers of their own.
        var pooling = new Window(new(3, 3), new(2, 2), new Padding(1, 1, random.Next(0, 3), random.Next(0, 3)), Extent.One);
        var pool = builder.Node("pool", new Pool2d { Kind = PoolKind.Maximum, Window = pooling }, stem);
        builder.Output(
            random.Next(4) switch
            {
                0 => pool,
                1 => builder.Node("mean", new GlobalAveragePool(), pool),
                2 => builder.Node("join", new Concat(), pool, builder.Conv2d("beside", pool, 16, Window.Square(1))),
                _ => builder.Conv2d("next", pool, 16, Window.Square(3, padding: 1)),
            }
        );
        return new KernelCase(builder.Build().Name, RandomWeights.For(builder.Build(), seed: 1), UnrollMode.Auto)
        {
            Hints = PlanHints.Create().Add("stem", "algorithm", "winograd4x4").Build(),
        };
    }
}
