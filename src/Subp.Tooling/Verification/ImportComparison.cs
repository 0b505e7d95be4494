using Subp.Core.Graphs;
using Subp.Core.Weights;
using Subp.Tooling.Inputs;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Progress;
using Subp.Tooling.Verification.Steps;

namespace Subp.Tooling.Verification;

/// <summary>
/// Compares an ONNX file itself with what import, folding and export make of it, both run by ONNX Runtime: a mistake of the importer would
/// else be made twice, by the compiled code and by its reference, and not be seen.
/// </summary>
/// <param name="context">Where to report.</param>
/// <param name="library">ONNX Runtime.</param>
/// <param name="tolerance">The largest error relative to the largest output.</param>
internal sealed class ImportComparison(IWorkLog context, OnnxRuntimeLibrary library, double tolerance)
{
    /// <summary>Compares.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The network that was read of it.</param>
    /// <param name="inputs">The inputs.</param>
    /// <exception cref="Core.Diagnostics.SubpException">ONNX Runtime does not run one of the two.</exception>
    public ImportVerdict Run(string path, Model model, InputSet inputs)
    {
        using var original = OnnxRuntimeNetwork.Create(library, model, path, original: path);
        using var exported = OnnxRuntimeNetwork.Create(library, model, path, original: null);
        var file = Outputs(original, optimise: true);
        var optimised = OnnxRuntimeComparison.Error(Outputs(exported, optimise: true), file);
        if (optimised <= tolerance)
            return new ImportVerdict(optimised, tolerance);
        // Its optimiser may change one of the two and not the other.
        var plainFile = Outputs(original, optimise: false);
        var plain = OnnxRuntimeComparison.Error(Outputs(exported, optimise: false), plainFile);
        if (StepVerifier.AppliesTo(model.Graph))
            return new ImportVerdict(Math.Min(optimised, plain), Allowed(model.Graph, file, plainFile));
        if (plain <= tolerance)
            context.Report(
                OnnxRuntimeComparison.OptimiserChanges(
                    $"{path}, against the exported network",
                    optimised,
                    tolerance,
                    "The fault is in ONNX Runtime: without its optimiser the file and the exported network agree, and that is what counts."
                )
            );
        return new ImportVerdict(plain, tolerance);

        ReferenceOutputs Outputs(OnnxRuntimeNetwork network, bool optimise) =>
            network.Compute(optimise, inputs, static (_, _) => { }, context.Cancellation);
    }

    // Two engines may round a byte differently, and such steps add up through a network. How far that goes in a file is what the optimiser
    // of ONNX Runtime, which puts products of bytes in the place of floats, changes of it; and one step of an output is never a defect.
    private double Allowed(Graph graph, ReferenceOutputs file, ReferenceOutputs plainFile)
    {
        var rounding = OnnxRuntimeComparison.Error(file, plainFile);
        var step = graph.Outputs.Max(output => StepOf(graph, output));
        var largest = Enumerable.Range(0, plainFile.Inputs.Count).Min(input => plainFile[input].Max(value => (double)Math.Abs(value)));
        return Math.Max(Math.Max(tolerance, rounding), largest > 0 ? 1.01 * step / largest : 0);
    }

    // An output of bytes is numbers of them; floats have steps where they are dequantised bytes.
    private static double StepOf(Graph graph, string output) =>
        graph.TypeOf(output).Quantization is not null ? 1
        : graph.FindNode(output) is { Inputs: [var source] } && graph.TypeOf(source).Quantization is { } quantization ? quantization.Scale
        : 0;
}
