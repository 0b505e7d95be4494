using Subp.Cli.Compilation;
using Subp.Cli.Inspection;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Compiler.Planning.Costs;

namespace Subp.Cli.Calibration;

/// <summary>A description of this processor, and how well it predicts what it was made from.</summary>
/// <param name="Machine">The description.</param>
/// <param name="Layers">The number of layers that were timed.</param>
/// <param name="Error">The mean relative error over these layers.</param>
/// <param name="StandardError">The same of the standard description, made as fast as this machine as a whole.</param>
internal sealed record MachineCalibration(MachineDescription Machine, int Layers, double Error, double StandardError)
{
    /// <summary>Measures this processor with the instruction set that compiled networks would choose on it.</summary>
    /// <param name="name">The name of the description.</param>
    /// <param name="set">The instruction set.</param>
    /// <param name="rounds">How often each network runs.</param>
    /// <param name="context">Hears how far it is.</param>
    public static MachineCalibration Run(string name, InstructionSet set, int rounds, CommandContext context)
    {
        var standard = MachineDescription.Standard;
        var caches = CacheSizes.Read() ?? new CacheSizes(standard.FirstLevelBytes, standard.SecondLevelBytes);
        var gigahertz = ClockMeter.MeasureGigahertz();
        var machine = standard with { Name = name, FirstLevelBytes = caches.FirstLevelBytes, SecondLevelBytes = caches.SecondLevelBytes };
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
                layers.Add(new MeasuredWork(CostModel.Work(layer, set, machine), time.Median * 1e3 * gigahertz));
        }

        // Halves, since processors do one, two or, where long vectors take two turns, half as many.
        var multiplyAdds = Math.Max(0.5, Math.Round(2 * peak / (2 * gigahertz * MachineDescription.Lanes(set))) / 2);
        // Predictions take the frequency from the peak, so the cycles are those of that frequency.
        var ratio = peak / (2 * multiplyAdds * MachineDescription.Lanes(set)) / gigahertz;
        MeasuredWork[] inCycles = [.. layers.Select(layer => layer with { Cycles = layer.Cycles * ratio })];
        var cycles = CostFit.Of(standard.Cycles, inCycles);
        return new MachineCalibration(
            machine with
            {
                Description = FormattableString.Invariant(
                    $"Measured with {set.ToString().ToLowerInvariant()} kernels on {layers.Count} layers, {rounds} rounds"
                ),
                MultiplyAddsPerCycle = multiplyAdds,
                Cycles = cycles.ToDictionary(entry => entry.Key, entry => Rounded(entry.Value), StringComparer.Ordinal),
            },
            layers.Count,
            CostFit.MeanError(cycles, inCycles),
            CostFit.MeanError(Scaled(standard.Cycles, inCycles), inCycles)
        );
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
