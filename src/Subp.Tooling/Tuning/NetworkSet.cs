using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Verification;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Tuning;

/// <summary>Networks of one structure, first without hints and then with some, compiled, loaded and checked.</summary>
internal sealed class NetworkSet(Model model, CompileOptions options, TuningOptions tuning, float[] input) : IDisposable
{
    private readonly byte[] _weights = ModelBundle.Write(model).Safetensors;
    private readonly List<LoadedModel> _loaded = [];
    private readonly List<TimedNetwork> _networks = [];

    /// <summary>The networks in the order in which they were added.</summary>
    public IReadOnlyList<TimedNetwork> All => _networks;

    /// <summary>Compiles a network.</summary>
    /// <param name="hints">Its hints.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SubpException">It does not compile, or computes something else than the first (SUBP0702), or, where computed floats
    /// become bytes, a layer than the interpreter (SUBP0707).</exception>
    public TimedNetwork Add(PlanHints hints, CancellationToken cancellation)
    {
        var plan = ModelPlanner.Plan(
            model.Graph,
            options with
            {
                Hints = hints,
                ThreadCounts = [tuning.Threads],
                Weights = WeightsLocation.Embedded,
            }
        );
        cancellation.ThrowIfCancellationRequested();
        var assembly = ModelAssemblyCompiler.Compile(
            ModelEmitter.Emit(plan, cancellation),
            _weights,
            plan.ClassName,
            $"{plan.Options.Namespace}.{plan.ClassName}.safetensors",
            cancellation
        );
        var loaded = LoadedModel.Load(assembly);
        _loaded.Add(loaded);
        var set = plan.Options.InstructionSets.First(loaded.IsSupported);
        var network = new TimedNetwork(plan, loaded.CreateSession(tuning.Threads, set), input, new float[loaded.OutputLength]);
        _networks.Add(network);
        network.Session.Run(network.Input, network.Output);
        if (hints.IsEmpty)
            return network;
        if (InterpretedSteps.AppliesTo(model.Graph))
            RequireLayers(set, hints, cancellation);
        else
            RequireSameOutput(network, hints);
        return network;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var network in _networks)
            network.Session.Dispose();
        foreach (var loaded in _loaded)
            loaded.Dispose();
    }

    // Where computed floats become bytes, kernels that round otherwise make other steps of some of them, and outputs differ by as much.
    private void RequireLayers(InstructionSet set, PlanHints hints, CancellationToken cancellation)
    {
        var keeping = options with { ThreadCounts = [tuning.Threads], KeepValues = true, Weights = WeightsLocation.Embedded };
        using var network = TemporaryAssembly.Load(model with { Hints = hints }, keeping, cancellation);
        using var session = network.Loaded.CreateSession(tuning.Threads, set);
        var layers = new InterpretedLayers(network.File.Plan, model.Weights, isWhole: false);
        layers.Compare(session, input, new float[layers.OutputLength]);
        var place = $"network '{model.Graph.Name}' under the hints {Describe(hints)}";
        if (layers.Report().Failures(place, tuning.Tolerance).FirstOrDefault() is { } failure)
            throw new SubpException(failure);
    }

    private void RequireSameOutput(TimedNetwork network, PlanHints hints)
    {
        var difference = ErrorFigures.Between(network.Output, _networks[0].Output).Relative;
        if (!(difference <= tuning.Tolerance))
            throw new SubpException(
                DiagnosticDescriptors.VerificationDrift,
                $"network '{model.Graph.Name}'",
                FormattableString.Invariant($"a difference of {difference} of the largest output under the hints {Describe(hints)}"),
                FormattableString.Invariant($"at most {tuning.Tolerance}"),
                "This is a defect of a kernel; please report it with the .subp file."
            );
    }

    private static string Describe(PlanHints hints) =>
        string.Join(
            ", ",
            hints.Nodes.Select(node => $"{node} {string.Join(' ', hints.Of(node).Select(hint => $"{hint.Key}={hint.Value}"))}")
        );
}
