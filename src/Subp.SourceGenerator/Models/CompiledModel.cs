using Subp.Compiler.Emission;
using Subp.SourceGenerator.Reporting;

namespace Subp.SourceGenerator.Models;

/// <summary>What became of one item.</summary>
/// <param name="Names">The names it claims.</param>
/// <param name="Files">The emitted files; empty where there is an error.</param>
/// <param name="Findings">What there is to say.</param>
internal sealed record CompiledModel(ModelNames Names, EquatableArray<EmittedFile> Files, EquatableArray<Finding> Findings)
{
    /// <summary>The same without files, with one more finding.</summary>
    public CompiledModel Refused(Finding finding) =>
        this with
        {
            Files = EquatableArray<EmittedFile>.Empty,
            Findings = new EquatableArray<Finding>([.. Findings, finding]),
        };
}

/// <summary>The names a model claims.</summary>
/// <param name="Item">The path of its .subp file.</param>
/// <param name="Namespace">The namespace; empty where the item has an error.</param>
/// <param name="FullName">The class with its namespace; empty where the item has an error.</param>
/// <param name="WeightsFile">The weights file beside the program; empty where weights are embedded.</param>
internal sealed record ModelNames(string Item, string Namespace, string FullName, string WeightsFile);

/// <summary>What goes out of a model: a step of its own, so that a finding that moves leaves the files alone.</summary>
/// <param name="Namespace">The namespace, a prefix of the names of the files.</param>
/// <param name="Files">The files.</param>
internal sealed record ModelFiles(string Namespace, EquatableArray<EmittedFile> Files);
