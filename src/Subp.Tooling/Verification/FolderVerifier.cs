using System.Diagnostics;
using Subp.Compiler;
using Subp.Core.Graphs;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Roslyn;
using Subp.Tooling.Compilation;
using Subp.Tooling.Failures;
using Subp.Tooling.Inputs;
using Subp.Tooling.Models;
using Subp.Tooling.OnnxRuntime;
using Subp.Tooling.Progress;
using Subp.Tooling.Quantizing;
using Subp.Tooling.Verification.Steps;
using Subp.Training.Pruning;
using Diagnostic = Subp.Core.Diagnostics.Diagnostic;

namespace Subp.Tooling.Verification;

/// <summary>
/// Imports, shrinks, prunes, compiles and compares every ONNX file of a folder, one after the other; a model that fails does not end it.
/// </summary>
/// <param name="context">Where to write.</param>
/// <param name="import">What the files leave open.</param>
/// <param name="shrink">The share of channels that is removed first; 0 for none.</param>
/// <param name="prune">What to prune of a network; null for nothing.</param>
/// <param name="options">How to compile; these instruction sets and thread counts are compared.</param>
/// <param name="library">What to compare with; the reference interpreter where there is none.</param>
/// <param name="inputs">The number of random inputs.</param>
/// <param name="tolerance">The largest error relative to the largest output.</param>
internal sealed class FolderVerifier(
    IWorkLog context,
    ImportOptions import,
    double shrink,
    Func<Graph, PruneOptions?> prune,
    CompileOptions options,
    OnnxRuntimeLibrary? library,
    int inputs,
    double tolerance
)
{
    private const ulong Seed = 1;

    /// <summary>The bits of weights where networks become networks of bytes first, with ranges from random inputs; or null.</summary>
    public int? WeightBits { get; init; }

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
        var clock = Stopwatch.StartNew();
        using var memory = MemoryWatch.Start();
        var (model, before, after) = Read(path, context);
        var graph = model.Graph;
        report = report with
        {
            Nodes = graph.Nodes.Count,
            Parameters = graph.Parameters.Sum(parameter => (long)parameter.Shape.ElementCount),
            KeptShare = Share(after.KeptWeights, before.DenseWeights),
            MacsShare = Share(after.KeptMacs, before.DenseMacs),
        };
        using var network = TemporaryAssembly.Load(model, options, context.Cancellation);
        report = report with
        {
            CompileSeconds = clock.Elapsed.TotalSeconds,
            PeakBytes = memory.PeakBytes,
            AssemblyBytes = network.File.AssemblyBytes,
        };
        var set = InputSet.OfRandom(graph, inputs, Seed);
        using var exported =
            library is null || StepVerifier.AppliesTo(graph) ? null : OnnxRuntimeNetwork.Create(library, model, path, original: null);
        var steps = library is not null && StepVerifier.AppliesTo(graph) ? Steps(path, model, set, library) : null;
        var apart = InterpretedSteps.AppliesTo(graph) ? Apart(network.Loaded, model, set) : null;
        if (library is not null)
        {
            var verdict = new ImportComparison(context, library, tolerance).Run(path, NetworkFile.Read(path, onnx: import), set);
            report = report with { ImportError = verdict.Error, Steps = steps };
            if (verdict.Failure(path) is { } failure)
                report = report with { Failures = [failure] };
        }

        report = report with { Sessions = Compare(path, network, exported, set) };
        report = report with
        {
            Failures =
            [
                .. report.Failures,
                .. report
                    .Sessions.Where(session => apart?.Judges(session) != true)
                    .SelectMany(session => session.Failures(path, tolerance)),
                .. apart?.Layers.Failures(path, tolerance) ?? [],
                .. steps?.Failures(path, tolerance) ?? [],
            ],
        };
    }

    // The network to compile, what that of the file costs, and what is left of it.
    private (Model Model, LayerCost Before, LayerCost After) Read(string path, IWorkLog? reportTo)
    {
        var (model, original) =
            shrink > 0 ? ShrunkNetwork.Read(path, import, shrink, context.Cancellation) : (NetworkFile.Read(path, onnx: import), null);
        var before = LayerCost.Total((original ?? model).Graph);
        if (prune(model.Graph) is { } wanted)
        {
            var pruned = OneShotPruning.Prune(model, wanted);
            model = reportTo is null ? PassPipeline.Pack(pruned.Model) : PrunedNetwork.Pack(pruned, path, reportTo).Model;
        }

        var after = LayerCost.Total(model.Graph);
        return (WeightBits is { } bits ? RandomRanges.Quantize(model, context.Cancellation, bits) : model, before, after);
    }

    private StepReport Steps(string path, Model model, InputSet set, OnnxRuntimeLibrary engine)
    {
        StepReport? steps = null;
        context.WithProgress(
            $"{model.Graph.Name}: bytes against {OnnxRuntimeNetwork.Name(engine)}",
            progress => steps = StepVerifier.Verify(model, options, options.ThreadCounts, set, engine, path, progress, context.Cancellation)
        );
        return steps!;
    }

    private InterpretedReport? Apart(LoadedModel loaded, Model model, InputSet set)
    {
        InterpretedReport? apart = null;
        context.WithProgress(
            $"{model.Graph.Name}: layer by layer",
            progress => apart = InterpretedSteps.Verify(loaded, model, options, options.ThreadCounts, set, progress, context.Cancellation)
        );
        return apart;
    }

    private IReadOnlyList<SessionVerdict> Compare(string path, TemporaryAssembly network, OnnxRuntimeNetwork? exported, InputSet set)
    {
        IReadOnlyList<SessionVerdict> verdicts = [];
        context.WithProgress(
            $"{network.File.Plan.ClassName} against "
                + (library is null || exported is null ? ReferenceOutputs.Interpreter : OnnxRuntimeNetwork.Name(library)),
            progress =>
            {
                verdicts = exported is null ? With(Interpret()) : Judged(exported);

                IReadOnlyList<SessionVerdict> Judged(OnnxRuntimeNetwork onnx)
                {
                    var (judged, warning) = new OnnxRuntimeComparison(
                        path,
                        tolerance,
                        optimise => onnx.Compute(optimise, set, static (_, _) => { }, context.Cancellation),
                        Interpret,
                        With
                    ).Run();
                    if (warning is not null)
                        context.Report(warning);
                    return judged;
                }

                IReadOnlyList<SessionVerdict> With(ReferenceOutputs reference) =>
                    ModelVerifier.Verify(
                        network.Loaded,
                        reference,
                        options.InstructionSets,
                        options.ThreadCounts,
                        tolerance,
                        progress,
                        context.Cancellation
                    );
            }
        );
        return verdicts;

        // Read again, since the weights are not kept for a question that is rarely asked.
        ReferenceOutputs Interpret() =>
            ReferenceOutputs.Compute(Read(path, reportTo: null).Model, set, static (_, _) => { }, context.Cancellation);
    }

    // A network may have no weights at all.
    private static double? Share(long kept, long dense) => dense == 0 ? null : (double)kept / dense;

    // Diagnostics of a layer do not say of which model.
    private static Diagnostic Named(Diagnostic failure, string path) =>
        failure.Location.StartsWith(path, StringComparison.Ordinal)
            ? failure
            : failure with
            {
                Location = failure.Location.Length == 0 ? path : $"{path}: {failure.Location}",
            };
}
