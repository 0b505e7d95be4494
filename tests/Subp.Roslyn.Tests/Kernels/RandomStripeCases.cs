using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Testing;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>
/// Random networks of block-sparse 1x1 layers over channels that fill blocks of 16, among other layers, on maps of any size; layouts are
/// drawn for each layer, so that conversions stand in all places.
/// </summary>
internal static class RandomStripeCases
{
    /// <summary>What the name of each of these cases starts with.</summary>
    public const string Prefix = RandomCases.Prefix + "stripes-";

    private const int Count = 12;
    private const int MostBlocks = 6;

    private static readonly int[] s_lengths = [4, 8, 12, 16, 32];

    private static readonly Activation[] s_activations =
    [
        Activation.None,
        Activation.Relu,
        Activation.Relu6,
        Activation.HardSwish,
        Activation.Silu,
    ];

    /// <summary>The cases of the test suite; <see cref="RandomConformance"/> runs as many as one likes.</summary>
    public static IEnumerable<KernelCase> All() => Enumerable.Range(1, Count).Select(Case);

    /// <summary>The case of a seed.</summary>
    public static KernelCase Case(int seed)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder($"{Prefix}{seed}");
        var image = new TensorShape(random.Next(1, 4), Channels(random), random.Next(1, 20), random.Next(1, 20));
        var values = new List<string> { builder.Input("image", image) };
        for (var step = random.Next(5, 11); step > 0; step--)
            values.Add(Step(builder, random, Recent(values, random), Recent(values, random), $"step{step}"));
        builder.Output(values[^1]);
        var model = RandomWeights.For(builder.Build(), seed: 1);
        return new KernelCase(model.Graph.Name, model, UnrollMode.Auto)
        {
            Hints = StripeHints.For(
                model,
                _ =>
                    random.Next(5) switch
                    {
                        0 => null,
                        1 => "blocks",
                        _ => "stripes",
                    }
            ),
        };
    }

    // One of the last three, so that most of the network reaches the output.
    private static string Recent(List<string> values, Random random) => values[^random.Next(1, Math.Min(4, values.Count + 1))];

    private static int Channels(Random random) => 16 * random.Next(1, MostBlocks + 1);

    private static string Step(GraphBuilder builder, Random random, string value, string other, string name)
    {
        var (inputs, outputs) = (builder.ShapeOf(value).Channels, Channels(random));
        switch (random.Next(10))
        {
            case 0 when inputs == builder.ShapeOf(other).Channels:
                return builder.Node(name, new Add { Activation = Drawn(s_activations, random) }, value, other);
            case 1:
                return builder.Conv2d(name, value, inputs, Window.Square(3, padding: 1), groups: inputs, bias: true);
            case 2:
                return builder.Conv2d(
                    name,
                    value,
                    outputs,
                    Window.Square(3, padding: 1),
                    bias: true,
                    pattern: DrawnPattern.Uniform(16, outputs, inputs, random.Next(1, inputs))
                );
            case 3 when inputs + builder.ShapeOf(other).Channels <= 16 * MostBlocks:
                return builder.Node(name, new Concat(), value, other);
            default:
                var length = Drawn([.. s_lengths.Where(length => outputs % length == 0)], random);
                var kept = random.Next(1, inputs);
                return builder.Conv2d(
                    name,
                    value,
                    outputs,
                    Window.Square(1),
                    bias: random.Next(2) == 0,
                    pattern: random.Next(3) == 0
                        ? DrawnPattern.Uneven(length, outputs, inputs, kept)
                        : DrawnPattern.Uniform(length, outputs, inputs, kept),
                    activation: Drawn(s_activations, random)
                );
        }
    }

    private static T Drawn<T>(IReadOnlyList<T> choices, Random random) => choices[random.Next(choices.Count)];
}
