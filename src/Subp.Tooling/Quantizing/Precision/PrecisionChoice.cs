using Subp.Compiler;
using Subp.Compiler.Packing;
using Subp.Compiler.Planning.Costs;
using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Weights;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Inspection;
using Subp.Tooling.Progress;
using Subp.Tooling.Text;

namespace Subp.Tooling.Quantizing.Precision;

/// <summary>Which layers of a network stay float, and why: first those that the user names, then what was asked for on top.</summary>
/// <param name="fused">The network of floats, as its layers of bytes compute it.</param>
/// <param name="ranges">What is known of its values.</param>
/// <param name="options">How layers become bytes.</param>
/// <param name="isNamed">Whether the user names a layer.</param>
internal sealed class PrecisionChoice(Model fused, Int8Ranges ranges, Int8Options options, Func<string, bool> isNamed)
{
    private readonly Dictionary<string, string> _reasons = new(StringComparer.Ordinal);

    /// <summary>The network of bytes and floats as it was chosen.</summary>
    public Int8Outcome Outcome => Convert(Reason);

    /// <summary>The same with an input of bytes.</summary>
    public Int8Outcome TakingBytes => Convert(options with { FloatReason = Reason, TakesBytes = true });

    /// <summary>What was predicted of its speed; null where that was not asked for.</summary>
    public PredictedSpeed? Speed { get; private set; }

    /// <summary>Lets as few layers as possible stay float so that outputs are within a tolerance.</summary>
    public void KeepTolerance(double tolerance, InputSet inputs, IWorkLog context)
    {
        foreach (var (layer, error) in SensitiveLayers.Find(fused, With, tolerance, inputs, context))
            _reasons[layer] = Alone(error);
    }

    /// <summary>Lets layers stay float that are faster so.</summary>
    public void MakeFastest(MachineDescription machine)
    {
        var fastest = new FastestPrecision(fused, Options(machine));
        var bytes = Outcome;
        foreach (var node in fastest.FloatNodes(bytes, With))
            _reasons[node] = "faster on floats";
        Speed = new PredictedSpeed(machine.Name, fastest.Cycles(fused), fastest.Cycles(bytes.Model), fastest.Cycles(Outcome.Model));
    }

    /// <summary>
    /// Spends a time on accuracy: where the network is faster than it has to be, those layers stay float that matter most, one after the
    /// other as long as the predicted time allows.
    /// </summary>
    /// <param name="option">The option that sets the time, for messages.</param>
    /// <param name="wanted">The time as people read it.</param>
    /// <param name="microseconds">The time of one thread.</param>
    /// <param name="machine">The processor that it is predicted for.</param>
    /// <param name="peakGigaflops">Its multiply-add peak, or null to measure that of this processor.</param>
    /// <param name="inputs">What layers are measured on.</param>
    /// <param name="context">Hears how far it is.</param>
    /// <exception cref="SubpException">SUBP0534: the network is slower whatever its layers compute on. SUBP0598: it is fast enough on
    /// floats.</exception>
    public void KeepLatency(
        string option,
        string wanted,
        double microseconds,
        MachineDescription machine,
        double? peakGigaflops,
        InputSet inputs,
        IWorkLog context
    )
    {
        var compile = Options(machine);
        var prediction = TimePrediction.OfThisProcessor(compile.Machine, peakGigaflops);
        double Predict(Model model) => CompiledNetwork.PlanOf(model, compile).Layers.Sum(prediction.Microseconds);
        string Text(double time) => FormattableString.Invariant($"{time / 1000:0.000} ms");
        if (Predict(fused) is var floats && floats <= microseconds)
            throw new SubpException(
                DiagnosticDescriptors.NothingToQuantize,
                fused.Graph.Name,
                $"{Text(floats)} on floats, which {option} {wanted} allows",
                "a time that takes bytes",
                "Use the network as it is, or ask for less."
            );
        MakeFastest(machine);
        if (Predict(Outcome.Model) is var least && least > microseconds)
            throw new SubpException(
                DiagnosticDescriptors.BudgetNotMet,
                option,
                wanted,
                $"at least {Text(least)}, with every layer on what is predicted to be faster",
                "Remove blocks or channels first, see subp compress and subp shrink."
            );
        IReadOnlyList<(string Name, double Error)> ranked = [];
        context.WithProgress(
            "layers on bytes",
            progress => ranked = SensitiveLayers.Rank(fused, With, inputs, progress, context.Cancellation)
        );
        foreach (var (layer, error) in ranked)
        {
            _reasons[layer] = Alone(error);
            if (Predict(Outcome.Model) > microseconds)
                _reasons.Remove(layer);
        }

        Speed = Speed! with { Chosen = new FastestPrecision(fused, compile).Cycles(Outcome.Model) };
    }

    private static string Alone(double error) => $"alone it puts outputs {Figures.Percent(error, 2)} off";

    private CompileOptions Options(MachineDescription machine) =>
        new() { Machine = options.WeightBits == 8 ? machine : machine.WithNarrowWeights(), ThreadCounts = [1] };

    private string? Reason(string node) => isNamed(node) ? "as asked for" : _reasons.GetValueOrDefault(node);

    private Int8Outcome With(IReadOnlySet<string> floats) =>
        Convert(node => Reason(node) ?? (floats.Contains(node) ? "not looked at" : null));

    private Int8Outcome Convert(Func<string, string?> reason) => Convert(options with { FloatReason = reason });

    // Which kernels a layer has, and what they cost, depends on the bits of its weights.
    private Int8Outcome Convert(Int8Options how)
    {
        var outcome = Int8Conversion.Convert(fused, ranges, how);
        return outcome with { Model = new FindFewBits().Run(outcome.Model) };
    }
}

/// <summary>Predicted cycles of a network on one thread.</summary>
/// <param name="Machine">The processor.</param>
/// <param name="Floats">All layers on floats.</param>
/// <param name="Bytes">As many as may be on bytes.</param>
/// <param name="Chosen">As it was chosen.</param>
internal sealed record PredictedSpeed(string Machine, double Floats, double Bytes, double Chosen)
{
    /// <summary>One line for a report.</summary>
    public override string ToString() =>
        $"predicted on {Machine}, million cycles of one thread: floats {Millions(Floats)}, bytes {Millions(Bytes)}, "
        + $"as chosen {Millions(Chosen)}";

    private static string Millions(double cycles) => Figures.Fixed(cycles / 1e6, 2);
}
