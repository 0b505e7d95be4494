using Subp.Compiler;
using Subp.Compiler.Planning;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Benchmarking;

/// <summary>Times one convolution in every form of unrolling and dense, side by side, against the FMA peak of the same rounds.</summary>
internal static class LayerBenchmark
{
    private static readonly (string Label, UnrollMode Mode)[] Forms =
    [
        ("straight-line", UnrollMode.Full),
        ("tap-unrolled", UnrollMode.Taps),
        ("table", UnrollMode.Never),
        ("winograd", UnrollMode.Auto),
    ];

    /// <summary>Compiles the forms and measures them in interleaved rounds.</summary>
    /// <param name="layer">The convolution.</param>
    /// <param name="blockLength">N.</param>
    /// <param name="sparsity">The share of pruned blocks.</param>
    /// <param name="options">Instruction sets; the first one this processor has is measured.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="context">Hears of progress and cancellation.</param>
    /// <exception cref="Core.Diagnostics.SubpException">The layer cannot be compiled.</exception>
    public static LayerBenchmarkResult Run(
        LayerSpecification layer,
        int blockLength,
        double sparsity,
        CompileOptions options,
        IReadOnlyList<int> threads,
        int rounds,
        IWorkLog context
    )
    {
        var sparse = layer.Build(blockLength, sparsity);
        var dense = layer.Build(blockLength: 0, sparsity: 0);
        var automatic = KernelOf(ModelPlanner.Plan(sparse.Graph, options with { ThreadCounts = threads }));
        var candidates = new List<Candidate>();
        try
        {
            foreach (var (label, mode) in Forms)
                Add(label, sparse, mode);
            Add("dense", dense, UnrollMode.Taps);
            Add("dense winograd", dense, UnrollMode.Auto);
            var peak = new PeakMeter();
            context.WithProgress(
                $"timing {layer}",
                progress =>
                    InterleavedRounds.Run(
                        [
                            peak.Measure,
                            .. candidates.SelectMany(candidate => candidate.Timers).Select(timer => (Action)timer.Timer.Measure),
                        ],
                        rounds,
                        progress,
                        context.Cancellation
                    )
            );
            return new LayerBenchmarkResult(
                layer.ToString(),
                blockLength,
                sparsity,
                peak.Gigaflops,
                rounds,
                [.. candidates.SelectMany(candidate => candidate.Rows(peak))]
            );
        }
        finally
        {
            foreach (var candidate in candidates)
                candidate.Dispose();
        }

        void Add(string label, Model model, UnrollMode mode)
        {
            var asked = options with { Unroll = mode, ThreadCounts = threads };
            var kernel = KernelOf(ModelPlanner.Plan(model.Graph, asked));
            // A form that was asked for and refused, because its code would be too large or its kernel does not exist, would only repeat
            // another row.
            if (candidates.Any(candidate => candidate.Kernel == kernel))
            {
                context.Log($"{label}: {Layer(ModelPlanner.Plan(model.Graph, asked)).DenseReason ?? "not possible here"}");
                return;
            }

            var network = CompiledNetwork.Compile(model, asked, cancellation: context.Cancellation);
            context.Detail($"compiled {label}: {network.Assembly.Assembly.Length} bytes");
            candidates.Add(new Candidate(label, network, kernel, kernel == automatic, threads));
        }
    }

    private static LayerPlan Layer(ModelPlan plan) => plan.Layers.Single(layer => layer.Node.Name == LayerSpecification.NodeName);

    private static string KernelOf(ModelPlan plan) => Layer(plan).KernelName(plan.Options.InstructionSets[0]);

    private sealed class Candidate : IDisposable
    {
        private readonly string _label;
        private readonly LoadedModel _model;
        private readonly LayerPlan _layer;
        private readonly bool _isAutomatic;

        public Candidate(string label, CompiledNetwork network, string kernel, bool isAutomatic, IReadOnlyList<int> threads)
        {
            _label = label;
            Kernel = kernel;
            _layer = Layer(network.Plan);
            _isAutomatic = isAutomatic;
            _model = LoadedModel.Load(network.Assembly);
            var input = InputSet.OfRandom(network.Plan.InputShape, 1, seed: 2)[0];
            foreach (var count in threads)
            {
                var session = _model.CreateSession(count);
                Timers.Add((session, new SessionTimer(session, input, _model.OutputLength)));
            }
        }

        public string Kernel { get; }

        public List<(ILoadedSession Session, SessionTimer Timer)> Timers { get; } = [];

        public IEnumerable<LayerBenchmarkRow> Rows(PeakMeter peak)
        {
            foreach (var (session, timer) in Timers)
            {
                var index = timer.LayerNames.Index().First(entry => entry.Item == LayerSpecification.NodeName).Index;
                var time = timer.Layer(index);
                yield return new LayerBenchmarkRow(
                    _label,
                    _isAutomatic,
                    session.Threads,
                    _layer.KernelName(session.InstructionSet),
                    _layer.KeptMacs,
                    time,
                    2e-3 * _layer.KeptMacs / time.Median,
                    peak.Share(timer.LayerRuns(index), _layer.KeptMacs, session.Threads)
                );
            }
        }

        public void Dispose()
        {
            foreach (var (session, _) in Timers)
                session.Dispose();
            _model.Dispose();
        }
    }
}

/// <summary>What <c>bench --layer</c> found.</summary>
/// <param name="Layer">The convolution.</param>
/// <param name="BlockLength">N.</param>
/// <param name="Sparsity">The share of pruned blocks.</param>
/// <param name="PeakGigaflops">The FMA peak of one thread, the median of the rounds.</param>
/// <param name="Rounds">The number of rounds.</param>
/// <param name="Rows">The forms.</param>
internal sealed record LayerBenchmarkResult(
    string Layer,
    int BlockLength,
    double Sparsity,
    double PeakGigaflops,
    int Rounds,
    IReadOnlyList<LayerBenchmarkRow> Rows
);

/// <summary>One form with one thread count.</summary>
/// <param name="Form">The form.</param>
/// <param name="IsAutomatic">True where <c>--unroll auto</c> chooses it.</param>
/// <param name="Threads">The number of threads.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="MultiplyAccumulates">The work that is executed.</param>
/// <param name="Microseconds">The time of the layer alone, without the conversions of layout around it.</param>
/// <param name="Gigaflops">Executed operations per second, two for each multiply-accumulate.</param>
/// <param name="ShareOfPeak">The share of the FMA peak of these threads, measured in the same rounds.</param>
internal sealed record LayerBenchmarkRow(
    string Form,
    bool IsAutomatic,
    int Threads,
    string Kernel,
    long MultiplyAccumulates,
    Timing Microseconds,
    double Gigaflops,
    double ShareOfPeak
);
