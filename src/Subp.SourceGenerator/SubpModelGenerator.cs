using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using Subp.Compiler.Emission;
using Subp.Core.Diagnostics;
using Subp.SourceGenerator.Models;
using Subp.SourceGenerator.Items;
using Subp.SourceGenerator.Projects;
using Subp.SourceGenerator.Reporting;
using Diagnostic = Subp.Core.Diagnostics.Diagnostic;

namespace Subp.SourceGenerator;

/// <summary>
/// Compiles every SubpModel item of a project into C#, the same bytes as <c>subp compile --emit-source</c> writes for the same options. An item is
/// compiled again only when its text or its metadata change: code edits reach nothing but the small steps about the project.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class SubpModelGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var items = context.AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Select(static (pair, cancellation) => ItemReader.Read(pair.Left, pair.Right, cancellation))
            .Where(static item => item is not null).Select(static (item, _) => item!).WithTrackingName(TrackingNames.Items);
        var models = items.Select(ModelCompiler.Compile).WithTrackingName(TrackingNames.Models);
        var project = context.CompilationProvider.Select(static (compilation, _) => ProjectFacts.Of(compilation)).WithTrackingName(TrackingNames.Project);
        var taken = models.Select(static (model, _) => model.Names).Collect().Combine(context.CompilationProvider)
            .Select(static (pair, _) => TakenNames.Find(pair.Left, pair.Right)).WithTrackingName(TrackingNames.TakenNames);
        var outputs = models.Combine(project).Combine(taken)
            .Select(static (pair, _) => Gate(pair.Left.Left, pair.Left.Right, pair.Right)).WithTrackingName(TrackingNames.Outputs);

        context.RegisterSourceOutput(
            outputs.Select(static (model, _) => new ModelFiles(model.Names.Namespace, model.Files)).WithTrackingName(TrackingNames.Files),
            static (production, model) => AddFiles(production, model));
        context.RegisterSourceOutput(
            outputs.Select(static (model, _) => model.Findings).WithTrackingName(TrackingNames.Findings), Report);
        context.RegisterSourceOutput(
            items.Select(static (item, _) => item.Settings.ProjectPath).Collect().Combine(project)
                .Select(static (pair, _) => new EquatableArray<Finding>(pair.Left.Length == 0 ? [] : ProjectRules.Check(pair.Right, pair.Left[0])))
                .WithTrackingName(TrackingNames.ProjectFindings),
            Report);
        context.RegisterSourceOutput(
            context.AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
                .Select(static (pair, cancellation) => ProjectFileReader.Read(pair.Left, pair.Right, cancellation))
                .Where(static findings => findings is not null).Select(static (findings, _) => findings!).WithTrackingName(TrackingNames.ProjectFile),
            Report);
    }

    /// <summary>Holds files back that would not compile: what is wrong is said once, not by the compiler in the middle of emitted code.</summary>
    private static CompiledModel Gate(CompiledModel model, ProjectFacts project, EquatableArray<TakenName> taken)
    {
        foreach (var name in taken)
        {
            if (name.Item == model.Names.Item && model.Names.FullName.Length > 0)
                return model.Refused(new Finding(DiagnosticDescriptors.DuplicateModelClass.Id, new Diagnostic(DiagnosticDescriptors.DuplicateModelClass, "",
                    name.Found, "a name of its own for every model", "Set ClassName or Namespace of the SubpModel item.").Message, Place.StartOf(name.Item)));
        }

        return project.IsReady ? model : model with { Files = EquatableArray<EmittedFile>.Empty };
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

    private static void Report(SourceProductionContext production, EquatableArray<Finding> findings)
    {
        foreach (var finding in findings)
            production.ReportDiagnostic(finding.ToDiagnostic());
    }
}
