using Subp.Cli.Compression;
using Subp.Cli.Quickstart;
using Subp.Cli.Runs;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Tooling;
using Subp.Tooling.Files;
using Subp.Tooling.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Experiments;

/// <summary>
/// Does the runs of an experiment that have no result yet, one after the other. A run that was stopped goes on with the epoch in which that
/// happened; every run leaves its result before the next begins.
/// </summary>
/// <param name="table">The experiment.</param>
/// <param name="path">Its file, for messages.</param>
/// <param name="results">The folder of the results.</param>
/// <param name="runs">The folder in which each run has its own.</param>
/// <param name="dataFolder">The folder of the images; null for the bundled ones.</param>
/// <param name="options">Engine and threads.</param>
/// <param name="rounds">Interleaved rounds of timing.</param>
/// <param name="context">Where to report.</param>
internal sealed class ExperimentRunner(
    ExperimentTable table,
    string path,
    string results,
    string runs,
    string? dataFolder,
    TrainingOptions options,
    int rounds,
    CommandContext context
)
{
    // Hundreds of networks are compressed in the time in which one is trained.
    private readonly Dictionary<string, TrainingData> _data = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Run, int Count), IReadOnlyList<float[]>> _synthetic = [];

    /// <summary>The result file of a run.</summary>
    public static string ResultPath(string results, ExperimentRow row, ulong seed) =>
        Path.Combine(results, ExperimentPlan.NameOf(row, seed) + ".json");

    /// <summary>Does the runs; one that fails is reported, and the others go on.</summary>
    /// <returns>The first failure, or null.</returns>
    public SubpException? Run(IReadOnlyList<(ExperimentRow Row, ulong Seed)> runsToDo)
    {
        SubpException? first = null;
        foreach (var (index, (row, seed)) in runsToDo.Index())
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var name = ExperimentPlan.NameOf(row, seed);
            var recipe = ExperimentFile.RecipeOf(table, row, seed, path);
            var target = ResultPath(results, row, seed);
            try
            {
                if (File.Exists(target))
                {
                    _ = RunResult.Read(target, table, row, recipe);
                    continue;
                }

                context.Log(FormattableString.Invariant($"run {index + 1} of {runsToDo.Count}: {name}"));
                Write(target, row.Cell is null ? Do(row, recipe, Path.Combine(runs, name), seed) : Compress(row, row.Cell, recipe, seed));
            }
            catch (SubpException failure)
            {
                context.Report(failure.Diagnostic with { Location = $"{name}: {failure.Diagnostic.Location}" });
                first ??= failure;
            }
        }

        return first;
    }

    private RunResult Do(ExperimentRow row, TrainingRecipe recipe, string folder, ulong seed)
    {
        var network = row.Model ?? table.Model;
        var data = Data(network);
        var graph = ZooGraph.Build(network, data);
        // Nothing is lost of a run that was killed while it began: it begins again.
        var resume = RunFolder.CanGoOn(folder);
        var start = row.Init is null ? null : StartingNetwork.Read(Finished(row.Init, seed), network, data, recipe.Method, context);
        var teacher = row.Teacher is null ? null : NetworkFile.Read(Finished(row.Teacher, seed));
        var trained = TrainingSession.Run(
            $"training {Path.GetFileName(folder)}",
            recipe,
            start?.Graph ?? graph,
            data.Training,
            data.Test,
            options with
            {
                Folder = folder,
                Resume = resume,
                Overwrite = !resume && RunFolder.IsRun(folder),
            },
            context,
            start?.Weights,
            teacher
        );
        var model = PassPipeline.Pack(trained.Model);
        // A training for bytes is judged by the network of bytes that it was made for.
        var bytes = recipe.Quantize == TrainedArithmetic.Int8 ? TrainedBytes.Of(recipe, trained) : null;
        WidenedBlocks.Between(trained.Model.Graph, model.Graph).Report(context, folder);
        using (var bundle = new OutputSet(force: true))
        {
            BundleFile.Write(bundle, Path.Combine(folder, BundleFile.DefaultStem + ".subp"), model);
            BundleFile.Write(bundle, Path.Combine(folder, UnfoldedNetwork.TrainedStem + ".subp"), trained.Model);
            if (bytes is not null)
                BundleFile.Write(bundle, Path.Combine(folder, TrainedBytes.Stem + ".subp"), bytes);
            bundle.Commit();
        }

        var (kept, dense) = (LayerCost.Total(model.Graph), LayerCost.Total(graph));
        var images = RunData.Of(data.Training, data.Test);
        var measured = RunMeasurement.Of(bytes ?? model, graph, start?.Weights, data.Test, rounds, context);
        RunReport.Write(folder, new RunFigures(recipe, trained, kept, dense, measured));
        return new RunResult
        {
            SchemaVersion = RunResult.CurrentSchema,
            Row = row.Name,
            Model = network,
            Recipe = recipe,
            Init = row.Init,
            Teacher = row.Teacher,
            TrainingImages = data.Training.Count,
            TestImages = data.Test.Count,
            TrainingLabels = images.TrainingLabels,
            TestLabels = images.TestLabels,
            TestAccuracy = measured.Accuracy ?? trained.TestAccuracy,
            AccuracyByEpoch = [.. trained.History.Select(epoch => epoch.TestAccuracy)],
            KeptMacs = kept.KeptMacs,
            DenseMacs = dense.DenseMacs,
            KeptWeights = kept.KeptWeights,
            DenseWeights = dense.DenseWeights,
            AssemblyBytes = measured.AssemblyBytes,
            DenseAssemblyBytes = measured.DenseAssemblyBytes,
            MemoryBytes = measured.MemoryBytes,
            Microseconds = Math.Round(measured.Microseconds, 2),
            DenseMicroseconds = Math.Round(measured.DenseMicroseconds, 2),
            Speedup = Math.Round(measured.Speedup, 3),
            InstructionSet = measured.InstructionSet,
            TrainingSeconds = Math.Round(trained.History.Sum(epoch => epoch.Seconds), 1),
            Engine = trained.Engine,
            Machine = Machine.Describe(),
            ToolVersion = ToolVersion.Current,
        };
    }

    private RunResult Compress(ExperimentRow row, GridCell cell, TrainingRecipe recipe, ulong seed)
    {
        var network = row.Model ?? table.Model;
        var data = _data.TryGetValue(network, out var known) ? known : _data[network] = Data(network);
        var folder = Finished(cell.Of.Name, seed);
        var trained = UnfoldedNetwork.OfRun(folder);
        return CompressedRun.Do(row.Name, cell, network, recipe, trained, data, Synthetic, options, rounds, context);

        // The cells of a network share them: they take longer than all else that a cell does.
        IReadOnlyList<float[]> Synthetic(int count) =>
            _synthetic.TryGetValue((folder, count), out var images)
                ? images
                : _synthetic[(folder, count)] = SyntheticCalibration.Create(trained, count, context);
    }

    // The bundle is written when a run is done: what lies in a folder without one may still change.
    private string Finished(string row, ulong seed)
    {
        var known = table.Rows.First(other => other.Name == row);
        var folder = Path.Combine(runs, ExperimentPlan.NameOf(known, seed));
        if (File.Exists(Path.Combine(folder, BundleFile.DefaultStem + ".subp")))
            return folder;
        var result = ResultPath(results, known, seed);
        // Results are committed and copied; the networks that they are about may have stayed behind.
        throw File.Exists(result)
            ? new SubpException(
                DiagnosticDescriptors.ExperimentInvalid,
                folder,
                $"the result {Path.GetFileName(result)} without the folder of its run",
                "the network that was trained, to start from or to learn from",
                $"Put the folder back, or remove {result}: the run is then done again."
            )
            : new SubpException(
                DiagnosticDescriptors.ExperimentInvalid,
                folder,
                $"the run '{Path.GetFileName(folder)}' not done",
                "a finished run to start from or to learn from",
                "Where another shard does that run, wait for it and call this one again."
            );
    }

    private TrainingData Data(string network)
    {
        var data = TrainingData.Read(
            new TrainingDataRequest(
                dataFolder,
                table.TrainingImages ?? int.MaxValue,
                table.TestImages ?? int.MaxValue,
                ImageSize: null,
                ShorterSide: null,
                Workers: null,
                IsStrict: false
            ),
            network
        );
        Require("trainingImages", data.Training.Count, table.TrainingImages);
        Require("testImages", data.Test.Count, table.TestImages);
        ResultImages.RequireSame(
            ExperimentPlan.Order(table).Select(run => ResultPath(results, run.Row, run.Seed)),
            ResultImages.Of(RunData.Of(data.Training, data.Test)),
            dataFolder ?? "the bundled data"
        );
        return data;
    }

    private void Require(string name, int found, int? expected)
    {
        if (expected is { } count && count != found)
            throw new SubpException(
                DiagnosticDescriptors.ExperimentInvalid,
                $"{path}: {name}",
                FormattableString.Invariant($"{found} images in {dataFolder ?? "the bundled data"}"),
                FormattableString.Invariant($"{count}"),
                "Name the folder of the whole data set with --data-dir."
            );
    }

    private static void Write(string target, RunResult result)
    {
        using var outputs = new OutputSet(force: true);
        outputs.WriteFile(target, result.Print());
        outputs.Commit();
    }
}
