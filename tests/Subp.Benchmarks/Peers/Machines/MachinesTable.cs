using Subp.Benchmarks.Peers.Measuring;
using Subp.Benchmarks.Peers.Networks;
using Subp.Benchmarks.Peers.Reporting;
using Subp.Compiler;
using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Inputs;
using Subp.Tooling.Inspection;
using Subp.Tooling.Text;
using Subp.Training.Pruning;

namespace Subp.Benchmarks.Peers.Machines;

/// <summary>
/// What the descriptions of processors are worth here: how well each predicts the layers of a network, and how fast the network is with the
/// kernels that it chooses.
/// </summary>
internal sealed class MachinesTable : IPeersTable
{
    private const ulong InputSeed = 1;
    private const double BurstMilliseconds = 20;
    private static readonly IReadOnlyList<NetworkCase> s_networks =
    [
        .. NetworkCase.All.Where(network => network.Batch == 1 && !network.Title.StartsWith("VGG", StringComparison.Ordinal)),
        new("ResNet-18, dense", "resnet18", null, Goal: 1),
        new("MobileNetV1, 75 %", "mobilenet-v1", new PruneOptions { Sparsity = 0.75 }, Goal: 1),
    ];

    public string Key => "machines";

    public string Title => "Descriptions of processors";

    public IReadOnlyList<string> Rows { get; } = [.. s_networks.Select(network => network.Title)];

    public Section Measure(PeersRun run)
    {
        var rounds = run.Quick ? 3 : 20;
        var table = new MarkdownTable(
            "network",
            "--machine",
            ">mean error of layers",
            ">of the time",
            ">layers with another kernel",
            ">best ms",
            ">median ms",
            ">time, best",
            ">median of rounds"
        );
        run.ForEach(s_networks, network => network.Title, network => Measure(run, network, rounds, table));
        return new Section(
            Title,
            [
                "The same network with the kernels that the costs of each shipped description choose, in turns in one process, one thread. "
                    + "The errors are those of the predicted times of its layers, at the multiply-add peak of the same rounds, against the "
                    + FormattableString.Invariant(
                        $"fastest of {rounds} rounds. *Time* is that of the network relative to the first description, "
                    )
                    + "the default: of the fastest rounds, and the median of the ratios within each round.",
            ],
            [table],
            Rows
        );
    }

    private static void Measure(PeersRun run, NetworkCase network, int rounds, MarkdownTable table)
    {
        var model = SeededNetwork.Build(network);
        var input = InputSet.OfRandom(model.Graph.Inputs[0].Shape, 1, InputSeed)[0];
        var set = NetworkFiles.BestInstructionSet;
        var peak = new PeakMeter(set);
        var contenders = new List<(MachineDescription Machine, ProfiledNetwork Network)>();
        try
        {
            foreach (var machine in MachineDescription.Known)
            {
                var options = new CompileOptions
                {
                    InstructionSets = [set],
                    ThreadCounts = [1],
                    Machine = machine,
                };
                contenders.Add((machine, new ProfiledNetwork(model, options, input)));
            }

            for (var round = 0; round < rounds; round++)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                peak.Measure();
                for (var turn = 0; turn < contenders.Count; turn++)
                    contenders[(round + turn) % contenders.Count].Network.Measure(BurstMilliseconds);
            }

            foreach (var contender in contenders)
                Add(table, network, contender, contenders[0].Network, peak.FastestGigaflops);
        }
        finally
        {
            contenders.ForEach(contender => contender.Network.Dispose());
        }
    }

    private static void Add(
        MarkdownTable table,
        NetworkCase network,
        (MachineDescription Machine, ProfiledNetwork Network) contender,
        ProfiledNetwork first,
        double peak
    )
    {
        var (machine, measured) = contender;
        var prediction = new TimePrediction(NetworkFiles.BestInstructionSet, machine, peak);
        var error = PredictionError.Of([.. measured.Plan.Layers.Select(prediction.Microseconds)], measured.Layers);
        var others = measured
            .Plan.Layers.Zip(first.Plan.Layers)
            .Count(pair =>
                pair.First.KernelName(NetworkFiles.BestInstructionSet) != pair.Second.KernelName(NetworkFiles.BestInstructionSet)
            );
        // The time of this one in units of that of the first.
        var relative = first.Samples.Over(measured.Samples);
        table.Add(
            network.Title,
            machine.Name,
            Figures.Percent(error.Mean),
            Figures.Percent(error.TimeWeighted),
            Figures.Count(others),
            Figures.Fixed(measured.Samples.Best / 1000, 2),
            Figures.Fixed(measured.Samples.All.Median / 1000, 2),
            Figures.Fixed(relative.Best, 3),
            Figures.Fixed(relative.Median, 3)
        );
    }
}
