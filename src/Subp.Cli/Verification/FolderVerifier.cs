using System.Diagnostics;
using Subp.Cli.Compilation;
using Subp.Cli.Failures;
using Subp.Cli.Inputs;
using Subp.Cli.Models;
using Subp.Cli.OnnxRuntime;
using Subp.Cli.Terminal;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Roslyn;
using Subp.Training.Pruning;
using Diagnostic = Subp.Core.Diagnostics.Diagnostic;

namespace Subp.Cli.Verification;

/// <summary>
/// Imports, prunes, compiles and compares every ONNX file of a folder, one after the other; a model that fails does not end it.
/// </summary>
/// <param name="context">Where to write.</param>
/// <param name="import">What the files leave open.</param>
/// <param name="prune">What to prune of a network; null for nothing.</param>
/// <param name="options">How to compile; these instruction sets and thread counts are compared.</param>
/// <param name="library">What to compare with; the reference interpreter where there is none.</param>
/// <param name="inputs">The number of random inputs.</param>
/// <param name="tolerance">The largest error relative to the largest output.</param>
internal sealed class FolderVerifier(
    CommandContext context,
    ImportOptions import,
    Func<Graph, PruneOptions?> prune,
    CompileOptions options,
    OnnxRuntimeLibrary? library,
    int inputs,
    double tolerance
)
{
    private const ulong Seed = 1;

    /// <summary>The ONNX files of a folder in the order of their names.</summary>
    public static IReadOnlyList<string> Models(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*.onnx").Order(StringComparer.Ordinal)];

    /// <summary>Goes through the models, reporting each failure as it comes.</summary>
    public IReadOnlyList<ModelReport> Run(IReadOnlyList<string> models)
    {
        var reports = new List<ModelReport>();
        foreach (var path in models)
        {
            var report = new ModelReport(Path.GetFileNameWithoutExtension(path));
            try
            {
                Verify(path, ref report);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                var cause = exception is AggregateException aggregate ? aggregate.Flatten().InnerExceptions[0] : exception;
                context.Detail(cause.ToString());
                report = report with { Failures = [.. report.Failures, Named(FailureReport.Of(cause), path)] };
            }

            foreach (var failure in report.Failures)
                context.Report(failure);
            reports.Add(report);
        }

        return reports;
    }

    private void Verify(string path, ref ModelReport report)
    {
        context.Log($"{report.Model}: importing and compiling");
        CompiledNetwork network;
        using (var memory = MemoryWatch.Start())
        {
            var clock = Stopwatch.StartNew();
            var model = Read(path);
            var cost = LayerCost.Total(model.Graph);
            report = report with
            {
                Nodes = model.Graph.Nodes.Count,
                Parameters = model.Graph.Parameters.Sum(parameter => (long)parameter.Shape.ElementCount),
                KeptShare = 1 - cost.Sparsity,
            };
            network = CompiledNetwork.Compile(model, options, cancellation: context.Cancellation);
            report = report with
            {
                CompileSeconds = clock.Elapsed.TotalSeconds,
                PeakBytes = memory.PeakBytes,
                AssemblyBytes = network.Assembly.Assembly.Length,
            };
        }

        var set = InputSet.OfRandom(network.Plan.InputShape, inputs, Seed);
        if (library is not null)
        {
            report = report with { ImportError = ImportError(path, set, library) };
            if (report.ImportError > tolerance)
                report = report with { Failures = [ImportDrift(path, report.ImportError.Value)] };
        }

        report = report with { Sessions = Compare(path, network, set) };
        report = report with
        {
            Failures = [.. report.Failures, .. report.Sessions.SelectMany(session => session.Failures(path, tolerance))],
        };
    }

    private Model Read(string path)
    {
        var model = NetworkFile.Read(path, onnx: import);
        return prune(model.Graph) is { } wanted ? PassPipeline.Pack(OneShotPruning.Prune(model, wanted).Model) : model;
    }

    private IReadOnlyList<SessionVerdict> Compare(string path, CompiledNetwork network, InputSet set)
    {
        var reference = Reference(path, network.Model, set);
        using var loaded = LoadedModel.Load(network.Assembly);
        IReadOnlyList<SessionVerdict> verdicts = [];
        context.WithProgress(
            $"{network.Plan.ClassName} against {reference.Name}",
            progress =>
                verdicts = ModelVerifier.Verify(
                    loaded,
                    reference,
                    options.InstructionSets,
                    options.ThreadCounts,
                    tolerance,
                    progress,
                    context.Cancellation
                )
        );
        return verdicts;
    }

    private ReferenceOutputs Reference(string path, Model model, InputSet set)
    {
        if (library is null)
            return ReferenceOutputs.Compute(model, set, static (_, _) => { }, context.Cancellation);
        using var session = OnnxRuntimeReference.Open(library, model, path, original: null);
        return Outputs(session, library, path, model.Graph, set);
    }

    // The file itself against the exported network, both run by the other engine: a mistake of the importer would else be made twice and
    // not be seen.
    private double ImportError(string path, InputSet set, OnnxRuntimeLibrary engine)
    {
        var model = NetworkFile.Read(path, onnx: import);
        using var original = OnnxRuntimeReference.Open(engine, model, path, original: path);
        var expected = Outputs(original, engine, path, model.Graph, set);
        using var exported = OnnxRuntimeReference.Open(engine, model, path, original: null);
        var found = Outputs(exported, engine, path, model.Graph, set);
        return Enumerable.Range(0, set.Count).Max(input => ErrorFigures.Between(found[input], expected[input]).Relative);
    }

    private ReferenceOutputs Outputs(OnnxRuntimeSession session, OnnxRuntimeLibrary engine, string path, Graph graph, InputSet set) =>
        OnnxRuntimeReference.Compute(
            engine,
            session,
            path,
            set,
            graph.Inputs[0].Shape,
            graph.ShapeOf(graph.Outputs[0]),
            static (_, _) => { },
            context.Cancellation
        );

    private Diagnostic ImportDrift(string path, double error) =>
        new(
            DiagnosticDescriptors.VerificationDrift,
            $"{path}, exported without pruning",
            FormattableString.Invariant(
                $"a difference of {error:0.0e-00} of the largest output from the file itself, both run by ONNX Runtime"
            ),
            FormattableString.Invariant($"at most {tolerance:0.0e-00}"),
            "This is a defect of import or export; please file an issue with the file."
        );

    // Diagnostics of a layer do not say of which model.
    private static Diagnostic Named(Diagnostic failure, string path) =>
        failure.Location.StartsWith(path, StringComparison.Ordinal)
            ? failure
            : failure with
            {
                Location = failure.Location.Length == 0 ? path : $"{path}: {failure.Location}",
            };
}
