using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Inspection;

/// <summary>
/// What the layers of a network take on one thread, beside the peak of the same rounds: what predictions are held against.
/// </summary>
/// <param name="PeakGigaflops">The multiply-add peak of one thread with the measured instruction set, of the fastest tenth of the rounds.
/// </param>
/// <param name="Layers">Every layer, in order: whole networks run, so weights are as cold as in use.</param>
internal sealed record LayerMeasurement(double PeakGigaflops, IReadOnlyList<Timing> Layers)
{
    /// <summary>Compiles and measures a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">The compile options; the first instruction set is measured where this processor has it, else the best that it
    /// has.</param>
    /// <param name="rounds">The number of rounds.</param>
    /// <param name="context">Hears how far it is.</param>
    public static LayerMeasurement Of(Model model, CompileOptions options, int rounds, IWorkLog context)
    {
        context.Log($"compiling {model.Graph.Name}");
        var network = CompiledNetwork.Compile(
            model,
            options with
            {
                ThreadCounts = [1],
                Weights = WeightsLocation.Embedded,
            },
            cancellation: context.Cancellation
        );
        using var loaded = LoadedModel.Load(network.Assembly);
        var set = network.Plan.Options.InstructionSets.First(loaded.IsSupported);
        using var session = loaded.CreateSession(1, set);
        var timer = new SessionTimer(session, InputSet.OfRandom(network.Plan.InputShape, 1, seed: 1)[0], loaded.OutputLength);
        var peak = new PeakMeter(set);
        context.WithProgress(
            $"timing {model.Graph.Name}",
            progress => InterleavedRounds.Run([peak.Measure, timer.Measure], rounds, progress, context.Cancellation)
        );
        return new LayerMeasurement(peak.FastestGigaflops, [.. Enumerable.Range(0, timer.LayerNames.Count).Select(timer.Layer)]);
    }
}
