using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Subp.Compiler.Emission;
using Subp.Core.Diagnostics;
using Subp.SourceGenerator.Items;
using Subp.SourceGenerator.Models;
using Subp.SourceGenerator.Projects;
using Subp.SourceGenerator.Reporting;
using Diagnostic = Subp.Core.Diagnostics.Diagnostic;

namespace Subp.SourceGenerator;

/// <summary>
/// Compiles every SubpModel item of a project into C#, the same bytes as <c>subp compile --emit-source</c> writes for the same options. An
/// item is compiled again only when its text or its metadata change: code edits reach nothing but the small steps about the project.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SubpModelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var machines = context
            .AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellation) => MachineText.Read(pair.Left, pair.Right, cancellation))
            .Where(static machine => machine is not null)
            .Collect();
        var items = context
            .AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellation) => ItemReader.Read(pair.Left, pair.Right, cancellation))
            .Where(static item => item is not null)
            .Combine(machines)
            .Select(static (pair, _) => pair.Left!.WithMachine(pair.Right!))
            .WithTrackingName(TrackingNames.Items);
        var models = items.Select(ModelCompiler.Compile).WithTrackingName(TrackingNames.Models);
        var project = context
            .CompilationProvider.Select(static (compilation, _) => ProjectFacts.Of(compilation))
            .WithTrackingName(TrackingNames.Project);
        var taken = models
            .Select(static (model, _) => model.Names)
            .Collect()
            .Combine(context.CompilationProvider)
            .Select(static (pair, _) => TakenNames.Find(pair.Left, pair.Right))
            .WithTrackingName(TrackingNames.TakenNames);
        var projectText = context
            .AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellation) => ProjectFileReader.Read(pair.Left, pair.Right, cancellation))
            .Where(static text => text is not null)
            .Select(static (text, _) => text!)
            .Collect()
            .Select(static (texts, _) => texts.Length == 0 ? ProjectText.None : texts[0])
            .WithTrackingName(TrackingNames.ProjectText);
        var surroundings = projectText
            .Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, _) => new Surroundings(pair.Left, HelpPages.Folder(pair.Right)))
            .WithTrackingName(TrackingNames.Surroundings);
        // A class for each pair: Roslyn would have to be compiled anew for pairs of pairs.
        var gates = project.Combine(taken).Select(static (pair, _) => new Gates(pair.Left, pair.Right));
        var outputs = models.Combine(gates).Select(static (pair, _) => Gate(pair.Left, pair.Right)).WithTrackingName(TrackingNames.Outputs);

        context.RegisterSourceOutput(
            outputs.Select(static (model, _) => new ModelFiles(model.Names.Namespace, model.Files)).WithTrackingName(TrackingNames.Files),
            static (production, model) => AddFiles(production, model)
        );
        context.RegisterSourceOutput(
            outputs
                .Select(static (model, _) => model.Findings)
                .Combine(surroundings)
                .Select(static (pair, _) => pair.Right.Complete(pair.Left))
                .WithTrackingName(TrackingNames.Findings),
            Report
        );
        context.RegisterSourceOutput(
            items
                .Select(static (item, _) => item.Settings.ProjectPath)
                .Collect()
                .Combine(project)
                .Select(
                    static (pair, _) =>
                        new EquatableArray<Finding>(pair.Left.Length == 0 ? [] : ProjectRules.Check(pair.Right, pair.Left[0]))
                )
                .Combine(surroundings)
                .Select(static (pair, _) => pair.Right.Complete(pair.Left))
                .WithTrackingName(TrackingNames.ProjectFindings),
            Report
        );
        context.RegisterSourceOutput(
            surroundings.Select(static (all, _) => all.Complete(all.Project.Misspelt)).WithTrackingName(TrackingNames.ProjectFile),
            Report
        );
    }

    /// <summary>
    /// Holds files back that would not compile: what is wrong is said once, not by the compiler in the middle of emitted code.
    /// </summary>
    private static CompiledModel Gate(CompiledModel model, Gates gates)
    {
        foreach (var name in gates.Taken)
        {
            if (name.Item == model.Names.Item && model.Names.FullName.Length > 0)
                return model.Refused(
                    new Finding(
                        DiagnosticDescriptors.DuplicateModelClass.Id,
                        new Diagnostic(
                            DiagnosticDescriptors.DuplicateModelClass,
                            "",
                            name.Found,
                            "a name of its own for every model",
                            "Set ClassName or Namespace of the SubpModel item."
                        ).Message,
                        Place.StartOf(name.Item)
                    )
                );
        }

        return gates.Project.IsReady ? model : model with { Files = EquatableArray<EmittedFile>.Empty };
    }

    private static void AddFiles(SourceProductionContext production, ModelFiles model)
    {
        foreach (var file in model.Files)
        {
            production.CancellationToken.ThrowIfCancellationRequested();
            // Two models may share a class name in two namespaces; the names of generated files must differ.
            production.AddSource(model.Namespace + "." + file.Name, SourceText.From(file.Text, s_encoding));
        }
    }

    private static readonly UTF8Encoding s_encoding = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>What may hold the files of a model back.</summary>
    private sealed record Gates(ProjectFacts Project, EquatableArray<TakenName> Taken);

    private static void Report(SourceProductionContext production, EquatableArray<Finding> findings)
    {
        foreach (var finding in findings)
            production.ReportDiagnostic(finding.ToDiagnostic());
    }
}
