using System.Diagnostics;
using System.Globalization;
using Subp.Core.Graphs;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Text;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Models;
using Subp.Training.Numerics;
using Subp.Training.Sparsification;
using Subp.Training.TorchSharp;
using TorchSharp;

namespace Subp.Benchmarks.Engines;

/// <summary>
/// A training step of both engines, of fashion-resnet8 beside a plain TorchSharp loop too, in turns in one process:
/// <c>-- engines [rounds]</c>. The clock of a shared machine drifts, so the factors are medians over rounds of what was measured within a
/// round.
/// </summary>
internal static class EnginesCommand
{
    private const int Batch = 128;
    private const int StepsPerTurn = 2;
    private static readonly StepSettings Settings = new(0.01f, 0.9f, 5e-4f, 0, 2e-4f);

    /// <summary>Runs the comparison and prints its table.</summary>
    public static int Run(string[] arguments)
    {
        int rounds = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 25;
        var metadata = new ModelMetadata { ClassNames = [.. Enumerable.Range(0, 10).Select(i => $"{i}")] };
        foreach (
            var graph in new[]
            {
                FashionResNet8.Build(metadata),
                ModelZoo.Build("cifar-resnet20", new TensorShape(1, 1, 28, 28), 10, metadata),
            }
        )
        {
            var (images, labels) = StepData.Of(graph, Batch, new DeterministicRandom(7));
            var head = FormattableString.Invariant($"step of {graph.Name}, 28 x 28, batch {Batch}");
            var table = new TextTable(head, ">threads", ">ms", ">speed of the first");
            foreach (int threads in new[] { 1, 2 })
                Measure(graph, images, labels, threads, rounds, table);

            table.Write(Console.Out);
            Console.Out.WriteLine();
        }

        return 0;
    }

    private static void Measure(Graph graph, float[] images, int[] labels, int threads, int rounds, TextTable table)
    {
        using var torchDense = Create(new TorchSharpProvider(), graph, threads, masked: false);
        using var torchMasked = Create(new TorchSharpProvider(), graph, threads, masked: true);
        using var embeddedDense = Create(EmbeddedProvider.Instance, graph, threads, masked: false);
        using var embeddedMasked = Create(EmbeddedProvider.Instance, graph, threads, masked: true);
        using var bare = graph.Name == FashionResNet8.Name ? new BareTorchLoop() : null;
        long[] wide = [.. labels.Select(label => (long)label)];
        torch.set_num_threads(threads);
        (string Name, Action Step)[] contenders =
        [
            .. bare is null ? [] : new (string, Action)[] { ("bare TorchSharp loop", () => bare.Step(images, wide)) },
            ("engine torchsharp, dense", () => torchDense.Train(images, labels, Settings)),
            ("engine torchsharp, 75 % of 1x16 blocks masked", () => torchMasked.Train(images, labels, Settings)),
            ("engine embedded, dense", () => embeddedDense.Train(images, labels, Settings)),
            ("engine embedded, 75 % of 1x16 blocks masked", () => embeddedMasked.Train(images, labels, Settings)),
        ];
        var times = contenders.Select(_ => new List<double>()).ToArray();
        var turns = contenders.Select((contender, index) => (Action)(() => times[index].Add(Time(contender.Step)))).ToArray();
        InterleavedRounds.Run(turns, rounds + 2, (_, _) => { }, CancellationToken.None);
        for (int index = 0; index < contenders.Length; index++)
        {
            // The first two rounds compile code and fill caches.
            double[] own = [.. times[index].Skip(2)];
            double[] factors = [.. own.Zip(times[0].Skip(2), (time, reference) => reference / time)];
            table.Add(
                contenders[index].Name,
                Figures.Count(threads),
                Figures.Fixed(Median(own) * 1e3, 1),
                index == 0 ? "" : Figures.Fixed(Median(factors), 2) + "x"
            );
        }
    }

    private static ITrainingEngine Create(ITrainingEngineProvider provider, Graph graph, int threads, bool masked)
    {
        var settings = new EngineSettings { Threads = threads };
        var engine = provider.Create(new EngineRequest(graph, WeightInitializer.Initialize(graph, 1), Batch, settings));
        foreach (var layer in masked ? LayerSelection.Select(graph, 16, 16, [], []) : [])
        {
            byte[] kept = [.. Enumerable.Range(0, layer.Grid.Groups * layer.Grid.InputChannels).Select(i => (byte)(i % 4 == 0 ? 1 : 0))];
            engine.SetMask(layer.Parameter, layer.Grid, BlockMask.FromBytes(layer.Grid.Groups, layer.Grid.InputChannels, kept));
        }

        return engine;
    }

    private static double Time(Action step)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < StepsPerTurn; i++)
            step();

        return Stopwatch.GetElapsedTime(start).TotalSeconds / StepsPerTurn;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
