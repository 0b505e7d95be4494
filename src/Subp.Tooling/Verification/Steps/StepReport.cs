using Subp.Core.Diagnostics;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Text;

namespace Subp.Tooling.Verification.Steps;

/// <summary>How a compiled network of bytes compares with ONNX Runtime, which runs its exported file, or with the interpreter.</summary>
/// <param name="Reference">The name and version of ONNX Runtime, or the name of the interpreter.</param>
/// <param name="Apart">Every layer on the bytes that the compiled code gave it: what must not be more than one step off.</param>
/// <param name="Together">The whole file, where a step of one layer goes through all that follow; empty where it was not compared.</param>
internal sealed record StepReport(string Reference, IReadOnlyList<StepVerdict> Apart, IReadOnlyList<StepVerdict> Together)
{
    /// <summary>The largest difference of a byte, every layer on the same bytes.</summary>
    public int MostApart => Apart.Max(layer => layer.MostSteps);

    /// <summary>The share of bytes that differ, every layer on the same bytes.</summary>
    public double DifferingApart => Share(Apart);

    /// <summary>The largest difference of a byte in the whole network.</summary>
    public int MostTogether => Together.Max(layer => layer.MostSteps);

    /// <summary>The share of bytes that differ in the whole network.</summary>
    public double DifferingTogether => Share(Together);

    // Of the same values compiled code and interpreter make the same bytes by definition; another engine may round otherwise.
    private int MostAllowed => Reference == ReferenceOutputs.Interpreter ? 0 : 1;

    private const string Blame =
        "If the reference interpreter agrees with the compiled code, the fault is in the export or in ONNX Runtime.";

    private const string Defect = "This is a defect of the compiler; please report it with the .subp file.";

    private const string Saturation =
        "This processor has no VNNI: there ONNX Runtime adds products of bytes in pairs, which saturate at 16 bits. "
        + "Compare a network with weights of 7 bits (--weight-bits 7).";

    /// <summary>The layers that are more than one step off, or whose floats drift further than the tolerance.</summary>
    public IEnumerable<Diagnostic> Failures(string model, double tolerance) =>
        Apart
            .Where(layer => layer.MostSteps > MostAllowed || !(layer.FloatError <= tolerance))
            .Select(layer => new Diagnostic(
                DiagnosticDescriptors.BytesDiffer,
                $"{model}, layer '{layer.Layer}' ({layer.Operator}), against {Reference}",
                layer.MostSteps > MostAllowed
                    ? FormattableString.Invariant($"{layer.MostSteps} steps at element {layer.Worst}, with the same bytes as input")
                    : FormattableString.Invariant($"floats {layer.FloatError:0.0e-00} of the largest one off"),
                layer.MostSteps > MostAllowed
                    ? (MostAllowed == 0 ? "none" : "at most one")
                    : FormattableString.Invariant($"at most {tolerance:0.0e-00}"),
                Reference == ReferenceOutputs.Interpreter ? Defect
                    : HostProcessor.HasVnni ? Blame
                    : $"{Blame} {Saturation}"
            ));

    /// <summary>One row for each layer.</summary>
    public TextTable Table()
    {
        var table = new TextTable(
            "layer",
            "operator",
            ">elements",
            ">steps, same bytes",
            ">differing",
            ">steps, whole file",
            ">differing",
            ">floats"
        );
        foreach (var (apart, together) in Apart.Zip(Together))
            table.Add(
                apart.Layer,
                apart.Operator,
                Figures.Count(apart.Elements),
                Figures.Count(apart.MostSteps),
                Figures.Percent((double)apart.Differing / apart.Elements, 3),
                Figures.Count(together.MostSteps),
                Figures.Percent((double)together.Differing / together.Elements, 3),
                apart.FloatError > 0 ? Figures.Scientific(apart.FloatError) : ""
            );
        return table;
    }

    /// <summary>What the rows come to, in a sentence.</summary>
    public string Summary()
    {
        var first = Together.FirstOrDefault(layer => layer.MostSteps > 1);
        return FormattableString.Invariant($"against {Reference}: at most {MostApart} steps on the same bytes ")
            + FormattableString.Invariant(
                $"({Figures.Percent(DifferingApart, 3)} of the bytes differ), at most {MostTogether} through the "
            )
            + $"whole {(Reference == ReferenceOutputs.Interpreter ? "network" : "file")} ({Figures.Percent(DifferingTogether, 3)})"
            + (first is null ? "" : $"; the first layer there with more than one is '{first.Layer}'");
    }

    private static double Share(IReadOnlyList<StepVerdict> layers) =>
        (double)layers.Sum(layer => layer.Differing) / layers.Sum(layer => layer.Elements);
}
