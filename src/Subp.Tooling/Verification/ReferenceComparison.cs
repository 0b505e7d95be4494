using Subp.Compiler;
using Subp.Core.Weights;
using Subp.Roslyn;
using Subp.Tooling.Inputs;
using Subp.Tooling.Progress;

namespace Subp.Tooling.Verification;

/// <summary>
/// Compares one compiled network with the reference interpreter and, where it is there, with ONNX Runtime. In two steps, because only the
/// first needs the weights of the network: <see cref="Prepare"/> lets the references run, <see cref="Run"/> compares the compiled code with
/// what they said.
/// </summary>
internal sealed class ReferenceComparison : IDisposable
{
    private readonly IWorkLog _context;
    private readonly string _place;
    private readonly InputSet _inputs;
    private readonly ReferenceOutputs _interpreter;
    private readonly OnnxRuntimeNetwork? _network;
    private readonly ReferenceOutputs? _optimised;

    private ReferenceComparison(IWorkLog context, string place, Model model, InputSet inputs, OnnxRuntimeNetwork? network)
    {
        (_context, _place, _inputs, _network) = (context, place, inputs, network);
        ReferenceOutputs? interpreter = null;
        context.WithProgress(
            ReferenceOutputs.Interpreter,
            progress => interpreter = ReferenceOutputs.Compute(model, inputs, progress, context.Cancellation)
        );
        _interpreter = interpreter!;
        _optimised = network is null ? null : Compute(optimise: true);
    }

    /// <summary>Runs the references.</summary>
    /// <param name="context">Where to report.</param>
    /// <param name="place">What to call the network in messages.</param>
    /// <param name="model">The network; it is not held.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="network">The network for ONNX Runtime, which is disposed with this; or null.</param>
    public static ReferenceComparison Prepare(IWorkLog context, string place, Model model, InputSet inputs, OnnxRuntimeNetwork? network) =>
        new(context, place, model, inputs, network);

    /// <summary>Compares compiled code with the references, and reports where ONNX Runtime's optimiser changed the network.</summary>
    /// <param name="loaded">The compiled model.</param>
    /// <param name="sets">The instruction sets; those that this processor lacks are left out.</param>
    /// <param name="threads">The thread counts.</param>
    /// <param name="tolerance">The largest error relative to the largest output.</param>
    public IReadOnlyList<SessionVerdict> Run(
        LoadedModel loaded,
        IReadOnlyList<InstructionSet> sets,
        IReadOnlyList<int> threads,
        double tolerance
    )
    {
        var verdicts = With(_interpreter);
        if (_optimised is null)
            return verdicts;
        var (against, warning) = new OnnxRuntimeComparison(
            _place,
            tolerance,
            optimise => optimise ? _optimised : Compute(optimise: false),
            () => _interpreter,
            With
        ).Run();
        if (warning is not null)
            _context.Report(warning);
        return [.. verdicts, .. against];

        IReadOnlyList<SessionVerdict> With(ReferenceOutputs reference)
        {
            IReadOnlyList<SessionVerdict> found = [];
            _context.WithProgress(
                $"compiled code against {reference.Name}",
                progress => found = ModelVerifier.Verify(loaded, reference, sets, threads, tolerance, progress, _context.Cancellation)
            );
            return found;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _network?.Dispose();

    private ReferenceOutputs Compute(bool optimise)
    {
        ReferenceOutputs? outputs = null;
        _context.WithProgress(
            optimise ? "ONNX Runtime" : "ONNX Runtime, not optimised",
            progress => outputs = _network!.Compute(optimise, _inputs, progress, _context.Cancellation)
        );
        return outputs!;
    }
}
