using System.Globalization;
using Subp.Core.Graphs;
using Subp.Tooling.Text;
using Subp.Training.Engines;
using Subp.Training.Engines.Embedded;
using Subp.Training.Models;
using Subp.Training.Numerics;

namespace Subp.Benchmarks.Engines;

/// <summary>
/// Every kind of operation of the embedded engine, forward and backward, with its share of the peak of the multiply-add units:
/// <c>-- operations [steps]</c>, on one thread. Each operation counts with its fastest step, since others share the machine.
/// </summary>
internal static class OperationsCommand
{
    private static readonly StepSettings Settings = new(0.01f, 0.9f, 5e-4f, 0, 2e-4f);

    /// <summary>Measures and prints a table in Markdown for each network, and the garbage of a step.</summary>
    public static int Run(string[] arguments)
    {
        int steps = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 40;
        Measure(FashionResNet8.Build(Classes(10)), batch: 128, steps);
        Measure(ModelZoo.Build("cifar-resnet20", new TensorShape(1, 1, 28, 28), 10, Classes(10)), batch: 128, steps);
        Measure(ModelZoo.Build("cifar-vgg16", new TensorShape(1, 1, 28, 28), 10, Classes(10)), batch: 128, steps);
        Measure(ModelZoo.Build("mobilenet-v1", new TensorShape(1, 3, 64, 64), 10, Classes(10)), batch: 16, steps);
        return 0;
    }

    private static void Measure(Graph graph, int batch, int steps)
    {
        var random = new DeterministicRandom(7);
        var (images, labels) = StepData.Of(graph, batch, random);
        using var engine = new EmbeddedEngine(
            new EngineRequest(graph, WeightInitializer.Initialize(graph, 1), batch, new EngineSettings { Threads = 1 })
        );
        engine.Train(images, labels, Settings);
        engine.TakeProfile();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var profiles = new List<EngineProfile>();
        long garbage = 0;
        for (int step = 0; step < steps; step++)
        {
            engine.Train(images, labels, Settings);
            garbage = GC.GetTotalAllocatedBytes(precise: true) - before;
            profiles.Add(engine.TakeProfile());
            before = GC.GetTotalAllocatedBytes(precise: true);
        }

        var shape = graph.Inputs[0].Shape;
        Console.Out.WriteLine(
            FormattableString.Invariant(
                $"{graph.Name}, {shape.Channels} x {shape.Height} x {shape.Width}, batch {batch}, 1 thread, {engine.Description}; "
            ) + FormattableString.Invariant($"{Figures.Bytes(garbage)} of garbage in a step.\n")
        );
        Print(Fastest(profiles), profiles[0].PeakFlopsPerSecond);
    }

    private static IReadOnlyList<LayerProfile> Fastest(List<EngineProfile> profiles) =>
        [
            .. profiles[0]
                .Layers.Select(
                    (layer, index) =>
                        layer with
                        {
                            ForwardSeconds = profiles.Min(profile => profile.Layers[index].ForwardSeconds),
                            BackwardSeconds = profiles.Min(profile => profile.Layers[index].BackwardSeconds),
                        }
                ),
        ];

    private static void Print(IReadOnlyList<LayerProfile> layers, double peak)
    {
        double total = layers.Sum(layer => layer.ForwardSeconds + layer.BackwardSeconds);
        Console.Out.WriteLine("| operation | layers | ms forward | ms backward | of the time | of FMA peak, forward | backward |");
        Console.Out.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var kind in layers.GroupBy(layer => layer.Kind))
        {
            var (forward, backward) = (kind.Sum(layer => layer.ForwardSeconds), kind.Sum(layer => layer.BackwardSeconds));
            var (forwardFlops, backwardFlops) = (kind.Sum(layer => layer.ForwardFlops), kind.Sum(layer => layer.BackwardFlops));
            Console.Out.WriteLine(
                $"| {kind.Key} | {Figures.Count(kind.Count())} | {Figures.Fixed(forward * 1e3, 2)} | {Figures.Fixed(backward * 1e3, 2)} "
                    + $"| {Figures.Percent((forward + backward) / total, 0)} | {Share(forwardFlops, forward, peak)} "
                    + $"| {Share(backwardFlops, backward, peak)} |"
            );
        }

        Console.Out.WriteLine();
    }

    private static string Share(double flops, double seconds, double peak) =>
        flops == 0 || seconds == 0 ? "" : Figures.Percent(flops / seconds / peak, 0);

    private static ModelMetadata Classes(int count) => new() { ClassNames = [.. Enumerable.Range(0, count).Select(i => $"{i}")] };
}
