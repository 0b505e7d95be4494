using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.Core.Weights;
using Subp.Roslyn;

namespace Subp.Tooling.Tuning;

/// <summary>Networks of one structure with different hints, compiled, loaded and checked against the first.</summary>
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
    /// <exception cref="SubpException">It does not compile, or computes something else than the first (SUBP0702).</exception>
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

    private void RequireSameOutput(TimedNetwork network, PlanHints hints)
    {
        var expected = _networks[0].Output;
        var largest = expected.Max(Math.Abs);
        var difference = expected
            .Zip(network.Output, (wanted, found) => float.IsFinite(found) ? Math.Abs(wanted - found) : float.PositiveInfinity)
            .Max();
        if (!(difference <= tuning.Tolerance * largest))
            throw new SubpException(
                DiagnosticDescriptors.VerificationDrift,
                $"network '{model.Graph.Name}'",
                FormattableString.Invariant($"a difference of {difference} under the hints {Describe(hints)}"),
                FormattableString.Invariant($"at most {tuning.Tolerance} of the largest output, {largest}"),
                "This is a defect of a kernel; please report it with the .subp file."
            );
    }

    private static string Describe(PlanHints hints) =>
        string.Join(
            ", ",
            hints.Nodes.Select(node => $"{node} {string.Join(' ', hints.Of(node).Select(hint => $"{hint.Key}={hint.Value}"))}")
        );
}
