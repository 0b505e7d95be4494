using Subp.Compiler;
using Subp.Compiler.Emission;
using Subp.Compiler.Emission.Runtime;
using Subp.Compiler.Planning;
using Subp.Core.Diagnostics;
using Subp.Core.Text;
using Subp.SourceGenerator.Items;
using Subp.SourceGenerator.Reporting;

namespace Subp.SourceGenerator.Models;

/// <summary>Compiles one item as the library does: parse, plan, emit. A pure function of text and metadata.</summary>
internal static class ModelCompiler
{
    /// <summary>The emitted files, or the error that prevents them.</summary>
    public static CompiledModel Compile(ModelItem item, CancellationToken cancellation)
    {
        var reporter = new Reporter(item);
        try
        {
            return Compile(item, reporter, cancellation);
        }
        catch (SubpException exception)
        {
            return Failure(item, reporter.Finding(exception.Diagnostic));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // A defect of the compiler must name the model and must not take the other models of the project with it.
            return Failure(
                item,
                reporter.Finding(
                    new Diagnostic(
                        DiagnosticDescriptors.InternalError,
                        "",
                        $"{exception.GetType().Name}: {exception.Message}",
                        "",
                        "This is a defect; please report it with the .subp file."
                    )
                )
            );
        }
    }

    private static CompiledModel Compile(ModelItem item, Reporter reporter, CancellationToken cancellation)
    {
        if (item.Text is null)
            throw new SubpException(
                DiagnosticDescriptors.ModelFileUnreadable,
                "",
                $"no text in '{item.Settings.Name}'",
                "a .subp file",
                "Correct the path in the SubpModel item."
            );
        var options = OptionsReader.Read(item.Settings, item.Path, item.Machine);
        cancellation.ThrowIfCancellationRequested();
        var document = SubpParser.Parse(item.Text, item.Settings.Name);
        cancellation.ThrowIfCancellationRequested();
        RequireWeights(item, reporter, document);
        var plan = ModelPlanner.Plan(
            document.Graph,
            options with
            {
                Hints = document.Hints,
            },
            (_, _, _) => cancellation.ThrowIfCancellationRequested()
        );
        cancellation.ThrowIfCancellationRequested();
        var files = ModelEmitter.Emit(plan, cancellation);
        var names = new ModelNames(
            item.Path,
            plan.Options.Namespace,
            plan.Options.Namespace + "." + plan.ClassName,
            plan.Options.Weights == WeightsLocation.File ? WeightsFile.FileName(plan) : ""
        );
        return new CompiledModel(
            names,
            new EquatableArray<EmittedFile>(files),
            new EquatableArray<Finding>(DenseLayers(plan).Select(reporter.Finding))
        );
    }

    private static void RequireWeights(ModelItem item, Reporter reporter, SubpDocument document)
    {
        var settings = item.Settings;
        if (settings.WeightsFound == "false")
            throw new SubpException(
                DiagnosticDescriptors.ModelWeightsMissing,
                "",
                $"no file '{settings.WeightsName}'",
                "the .safetensors file that was written together with the .subp file",
                "Put it there, or name it with WeightsFile in the SubpModel item."
            );
        if (settings.WeightsHash.Length > 0 && document.WeightsHash is { } expected && expected != settings.WeightsHash)
            throw new SubpException(
                DiagnosticDescriptors.WeightHashMismatch,
                reporter.WeightsPlace,
                $"'{settings.WeightsName}' of sha256:{settings.WeightsHash}",
                $"sha256:{expected}",
                "Give the weights that were written together with the .subp file."
            );
    }

    /// <summary>
    /// A fallback is never silent: one Info per layer of a sparse network that did not get the kernel that was hoped for.
    /// </summary>
    private static IEnumerable<Diagnostic> DenseLayers(ModelPlan plan) =>
        plan.Layers.Any(layer => layer.KeptMacs < layer.DenseMacs)
            ? plan
                .Layers.Where(layer => layer.DenseReason is not null)
                .Select(layer => new Diagnostic(DiagnosticDescriptors.LayerRunsDense, $"layer '{layer.Node.Name}'", layer.DenseReason!))
            : [];

    private static CompiledModel Failure(ModelItem item, Finding finding) =>
        new(new ModelNames(item.Path, "", "", ""), EquatableArray<EmittedFile>.Empty, new EquatableArray<Finding>([finding]));
}
