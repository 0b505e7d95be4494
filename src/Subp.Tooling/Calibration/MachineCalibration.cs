using Subp.Compiler;
using Subp.Compiler.Planning.Costs;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inspection;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Calibration;

/// <summary>A description of this processor, and how well it predicts what it was made from.</summary>
/// <param name="Machine">The description.</param>
/// <param name="Layers">The number of layers that were timed.</param>
/// <param name="Error">The mean relative error over these layers.</param>
/// <param name="StandardError">The same of the standard description, made as fast as this machine as a whole.</param>
internal sealed record MachineCalibration(MachineDescription Machine, int Layers, double Error, double StandardError)
{
    private const int PeakRounds = 5;

    /// <summary>Measures this processor with the instruction set that compiled networks would choose on it.</summary>
    /// <param name="name">The name of the description.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="rounds">How often each network runs.</param>
    /// <param name="context">Hears how far it is.</param>
    public static MachineCalibration Run(string name, InstructionSet set, int rounds, IWorkLog context)
    {
        var standard = MachineDescription.Standard;
        var caches = CacheSizes.Read() ?? new CacheSizes(standard.FirstLevelBytes, standard.SecondLevelBytes, standard.ThirdLevelBytes);
        var gigahertz = ClockMeter.MeasureGigahertz();
        var machine = standard with
        {
            Name = name,
            FirstLevelBytes = caches.FirstLevelBytes,
            SecondLevelBytes = caches.SecondLevelBytes,
            ThirdLevelBytes = caches.ThirdLevelBytes,
        };
        var options = new CompileOptions
        {
            InstructionSets = [set],
            ThreadCounts = [1],
            Machine = machine,
        };
        var layers = new List<MeasuredWork>();
        double peak = 0;
        foreach (var model in CalibrationNetworks.All(options))
        {
            var plan = CompiledNetwork.PlanOf(model, options);
            var measured = LayerMeasurement.Of(model, options, rounds, context);
            peak = Math.Max(peak, measured.PeakGigaflops);
            foreach (var (layer, time) in plan.Layers.Zip(measured.Layers))
                layers.Add(new MeasuredWork(CostModel.Work(layer, set, machine), time.Low * 1e3 * gigahertz));
        }

        var rates = Rates(set, peak, gigahertz);
        // Predictions take the frequency from the peak, so the cycles are those of that frequency.
        var ratio = peak / (2 * rates[set] * MachineDescription.Lanes(set)) / gigahertz;
        MeasuredWork[] inCycles = [.. layers.Select(layer => layer with { Cycles = layer.Cycles * ratio })];
        var cycles = CostFit.Of(standard.Cycles, inCycles);
        return new MachineCalibration(
            machine with
            {
                Description = FormattableString.Invariant(
                    $"Measured with {set.ToString().ToLowerInvariant()} kernels on {layers.Count} layers, {rounds} rounds"
                ),
                MultiplyAddsPerCycle = rates,
                Cycles = cycles.ToDictionary(entry => entry.Key, entry => Rounded(entry.Value), StringComparer.Ordinal),
            },
            layers.Count,
            CostFit.MeanError(cycles, inCycles),
            CostFit.MeanError(Scaled(standard.Cycles, inCycles), inCycles)
        );
    }

    /// <summary>
    /// Multiply-adds of every set in a cycle. What a processor lacks has the rate of what was measured; shorter vectors than those are
    /// measured too, since processors that cut long ones in two start twice as many of them.
    /// </summary>
    private static Dictionary<InstructionSet, double> Rates(InstructionSet measured, double peak, double gigahertz)
    {
        var rates = new Dictionary<InstructionSet, double>();
        foreach (var set in Enum.GetValues<InstructionSet>())
        {
            var meter = new PeakMeter(set > measured ? set : measured);
            for (var round = 0; set > measured && round < PeakRounds; round++)
                meter.Measure();
            var lanes = MachineDescription.Lanes(set > measured ? set : measured);
            // Halves, since processors do one, two or, where long vectors take two turns, half as many.
            rates[set] = Math.Max(0.5, Math.Round(2 * (set > measured ? meter.FastestGigaflops : peak) / (2 * gigahertz * lanes)) / 2);
        }

        return rates;
    }

    private static Dictionary<string, double> Scaled(IReadOnlyDictionary<string, double> cycles, MeasuredWork[] layers)
    {
        double[] ratios = [.. layers.Select(layer => layer.Cycles / layer.Work.Sum(item => item.Count * cycles[item.Kind])).Order()];
        return cycles.ToDictionary(entry => entry.Key, entry => entry.Value * ratios[ratios.Length / 2], StringComparer.Ordinal);
    }

    // Three digits are more than measurements have.
    private static double Rounded(double value) =>
        value == 0
            ? 0
            : double.Parse(
                value.ToString("G3", System.Globalization.CultureInfo.InvariantCulture),
                System.Globalization.CultureInfo.InvariantCulture
            );
}
