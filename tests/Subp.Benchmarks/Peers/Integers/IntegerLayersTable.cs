using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Inputs;
using Subp.Tooling.Quantizing;
using Subp.Tooling.Text;
using Subp.Training.Engines.Embedded.Kernels;
using Subp.Training.Models;

namespace Subp.Benchmarks.Peers.Integers;

/// <summary>Single pruned layers in bytes against the multiply-add peak of floats, which no kernel of floats can pass.</summary>
internal sealed class IntegerLayersTable : IPeersTable
{
    private const int BlockLength = 16;
    private const double Sparsity = 0.75;
    private const double BurstMilliseconds = 10;
    private const ulong InputSeed = 1;

    // Of 1x1 layers alone: more taps read a value more often for each time that it is put together.
    private const double PointwiseGoal = 1.6;
    private static readonly (string Title, string Specification, double? Goal)[] Layers =
    [
        ("1x1 64->64, 64x64", "64x64k1h64w64", PointwiseGoal),
        ("1x1 128->128, 32x32", "128x128k1h32w32", PointwiseGoal),
        ("1x1 256->256, 32x32", "256x256k1h32w32", PointwiseGoal),
        ("1x1 512->512, 16x16", "512x512k1h16w16", PointwiseGoal),
        ("1x1 512->512, 14x14", "512x512k1h14w14", null),
        ("1x1 1024->1024, 8x8", "1024x1024k1h8w8", PointwiseGoal),
        ("3x3 128->128, 32x32", "128x128k3h32w32", null),
    ];

    public string Key => "int8-layers";

    public string Title => "Layers in bytes";

    public IReadOnlyList<string> Rows { get; } = [.. Layers.Select(layer => layer.Title)];

    public Section Measure(PeersRun run)
    {
        var rounds = run.Quick ? 5 : 40;
        var table = new MarkdownTable(
            "layer",
            ">peak",
            ">f32 us",
            ">int8 us",
            ">weights to 63",
            ">f32 of peak",
            ">int8",
            ">weights to 63",
            ">goal",
            ""
        );
        run.ForEach(
            Layers,
            layer => layer.Title,
            layer =>
            {
                var (peak, times, macs) = Measure(run, layer.Specification, rounds);
                double[] shares = [.. times.Select(time => 2e-3 * macs / time / peak)];
                var best = Math.Max(shares[1], shares[2]);
                table.Add([
                    layer.Title,
                    Figures.Fixed(peak, 0),
                    .. times.Select(time => Figures.Fixed(time, 1)),
                    .. shares.Select(share => Figures.Fixed(share, 2) + "x"),
                    layer.Goal is { } goal ? Figures.Fixed(goal, 2) + "x" : "-",
                    layer.Goal is { } wanted ? Goal.AtLeast(best, wanted) : "",
                ]);
            }
        );
        return new Section(
            Title,
            [
                FormattableString.Invariant(
                    $"One thread, 1x{BlockLength} blocks, {100 * Sparsity:0} % pruned, warm, floats and bytes in turns in one process; the "
                )
                    + FormattableString.Invariant(
                        $"fastest of {rounds} rounds. *Peak* is that of f32 multiply-adds in GFLOP/s, measured in the same "
                    )
                    + "rounds, and the shares count two operations for each multiply-add of a kept block. Rounding the sums to bytes is "
                    + "part of a layer, making bytes of its floats and floats of its bytes is not.",
            ],
            [table],
            Rows
        );
    }

    private static (double Peak, double[] Microseconds, long Macs) Measure(PeersRun run, string specification, int rounds)
    {
        var floats = BetweenOthers(LayerSpecification.Parse(specification).Build(BlockLength, Sparsity));
        var bytes = RandomRanges.Quantize(floats, run.Cancellation);
        ProfiledNetwork[] contenders = [.. new[] { floats, bytes, IntegerNetwork.WithNarrowWeights(bytes) }.Select(Contender)];
        try
        {
            var peak = 0.0;
            for (var round = 0; round < rounds; round++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                peak = Math.Max(peak, FmaPeak.MeasureFlopsPerSecond() / 1e9);
                for (var turn = 0; turn < contenders.Length; turn++)
                    contenders[(round + turn) % contenders.Length].Measure(BurstMilliseconds);
            }

            return (peak, [.. contenders.Select(contender => contender.Samples.Best)], contenders[0].KeptMacs);
        }
        finally
        {
            foreach (var contender in contenders)
                contender.Dispose();
        }
    }

    // A layer of bytes lies between layers of bytes: one at the end of a network would hand out floats.
    private static Model BetweenOthers(Model layer)
    {
        var builder = new GraphBuilder(layer.Graph.Name);
        var node = layer.Graph.FindNode(LayerSpecification.NodeName)!;
        var shape = layer.Graph.Inputs[0].Shape;
        var convolution = (Conv2d)node.Operator;
        string Pointwise(string name, string input) =>
            builder.Conv2d(name, input, Math.Min(node.Shape.Channels, shape.Channels), Window.Square(1), activation: Activation.Relu);
        var value = Pointwise("before", builder.Input("image", shape));
        value = builder.Conv2d(
            node.Name,
            value,
            node.Shape.Channels,
            convolution.Window,
            bias: true,
            pattern: layer.Graph.Parameter(convolution.Weight).Pattern,
            activation: convolution.Activation
        );
        builder.Output(Pointwise("behind", value));
        var graph = builder.Build();
        var weights = WeightInitializer.Initialize(graph, InputSeed);
        foreach (var name in layer.Weights.Names)
            weights[name] = layer.Weights[name];
        return new Model(graph, weights);
    }

    private static ProfiledNetwork Contender(Model model) =>
        new(
            model,
            new CompileOptions { InstructionSets = [NetworkFiles.BestInstructionSet], ThreadCounts = [1] },
            InputSet.OfRandom(model.Graph.Inputs[0].Shape, 1, InputSeed)[0],
            LayerSpecification.NodeName
        );
}
