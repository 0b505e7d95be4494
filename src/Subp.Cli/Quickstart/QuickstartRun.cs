using System.Diagnostics;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Compiler;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Onnx;
using Subp.Roslyn;
using Subp.Tooling;
using Subp.Tooling.Benchmarking;
using Subp.Tooling.Compilation;
using Subp.Tooling.Files;
using Subp.Tooling.Inputs;
using Subp.Tooling.Inspection;
using Subp.Tooling.Models;
using Subp.Tooling.Verification;
using Subp.Training.Data;
using Subp.Training.Models;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Quickstart;

/// <summary>The whole way in one run: train, export, compile, verify and time, dense and sparse, into one folder.</summary>
internal sealed class QuickstartRun(QuickstartSettings settings, string folder, CommandContext context)
{
    private const string RunFolderName = "run";

    /// <summary>Does everything and leaves the files in the folder.</summary>
    /// <exception cref="SubpException">A step failed; compiled code that disagrees with the reference is one of the ways.</exception>
    public QuickstartResult Run()
    {
        var start = Stopwatch.GetTimestamp();
        var training = TrainingSession.Limit(FashionMnist.ReadTraining(settings.DataFolder), settings.TrainingImages, "training images");
        var test = TrainingSession.Limit(FashionMnist.ReadTest(settings.DataFolder), settings.TestImages, "test images");
        var dense = Build("dense", settings.Dense, training, test, initial: null);
        var sparse = Build("sparse", settings.Sparse, training, test, dense.Training.Model.Weights);
        using var denseModel = LoadedModel.Load(dense.Network.Assembly);
        using var sparseModel = LoadedModel.Load(sparse.Network.Assembly);
        var inputs = InputSet.OfImages("test images", test, dense.Network.Plan.InputShape, dense.Network.Model.Graph.Metadata);
        var denseVerdicts = Verify(dense, denseModel, inputs);
        var sparseVerdicts = Verify(sparse, sparseModel, inputs);
        IReadOnlyList<ModelTiming> timings = [];
        context.WithProgress(
            "timing",
            progress =>
                timings = ModelBenchmark.Run(
                    [(sparse.Label, sparseModel), (dense.Label, denseModel)],
                    QuickstartSettings.ThreadCounts,
                    settings.Rounds,
                    progress,
                    context.Cancellation
                )
        );
        var result = new QuickstartResult(
            FashionResNet8.Name,
            training.Count,
            test.Count,
            settings.Dense.Epochs,
            settings.Sparse.BlockLength,
            settings.Sparse.Sparsity,
            Machine.Describe(),
            QuickstartSettings.Tolerance,
            QuickstartSettings.ThreadCounts,
            Stopwatch.GetElapsedTime(start).TotalSeconds,
            Result(dense, denseVerdicts, timings),
            Result(sparse, sparseVerdicts, timings)
        );
        File.WriteAllText(Path.Combine(folder, QuickstartFiles.Report), QuickstartReport.Write(result));
        using var figures = new StringWriter { NewLine = "\n" };
        JsonOutput.Write(figures, "quickstart", QuickstartFiles.Figures(result));
        File.WriteAllText(Path.Combine(folder, QuickstartFiles.Json), figures.ToString());
        return result;
    }

    private Stage Build(string label, TrainingRecipe recipe, ImageDataset training, ImageDataset test, WeightSet? initial)
    {
        var place = Path.Combine(folder, label);
        var options = new TrainingOptions { Folder = Path.Combine(place, RunFolderName) };
        var trained = TrainingSession.Run(
            $"training {label}",
            recipe,
            FashionResNet8.Build(FashionMnist.Metadata),
            training,
            test,
            options,
            context,
            initial
        );
        var model = PassPipeline.Pack(trained.Model);
        context.Cancellation.ThrowIfCancellationRequested();

        context.Log($"compiling {label}");
        using var outputs = new OutputSet(force: false);
        BundleFile.Write(outputs, Path.Combine(place, BundleFile.DefaultStem + ".subp"), model);
        outputs.WriteFile(Path.Combine(place, BundleFile.DefaultStem + ".onnx"), OnnxExporter.Export(model));
        var network = CompiledNetwork.Compile(
            model,
            new CompileOptions
            {
                ClassName = "FashionResnet8" + char.ToUpperInvariant(label[0]) + label[1..],
                ThreadCounts = QuickstartSettings.ThreadCounts,
                ToolVersion = ToolVersion.Current,
            },
            cancellation: context.Cancellation
        );
        var dll = Path.Combine(place, network.Plan.ClassName + ".dll");
        AssemblyFiles.Write(outputs, dll, network);
        AssemblyFiles.WriteSources(outputs, AssemblyFiles.SourceFolder(dll), network.Sources);
        outputs.Commit();
        return new Stage(label, trained, network);
    }

    private IReadOnlyList<SessionVerdict> Verify(Stage stage, LoadedModel model, InputSet inputs)
    {
        IReadOnlyList<SessionVerdict> verdicts = [];
        context.WithProgress(
            $"verifying {stage.Label}",
            progress =>
            {
                // The interpreter takes about as long as all compiled variants together.
                var reference = ReferenceOutputs.Compute(
                    stage.Network.Model,
                    inputs,
                    (part, status) => progress(part / 2, status),
                    context.Cancellation
                );
                verdicts = ModelVerifier.Verify(
                    model,
                    reference,
                    stage.Network.Plan.Options.InstructionSets,
                    QuickstartSettings.ThreadCounts,
                    QuickstartSettings.Tolerance,
                    (part, status) => progress((1 + part) / 2, status),
                    context.Cancellation
                );
            }
        );
        var failures = verdicts.SelectMany(verdict => verdict.Failures(stage.Label, QuickstartSettings.Tolerance)).ToArray();
        foreach (var failure in failures.Skip(1))
            context.Report(failure);
        return failures.Length == 0 ? verdicts : throw new SubpException(failures[0]);
    }

    private static NetworkResult Result(Stage stage, IReadOnlyList<SessionVerdict> verdicts, IReadOnlyList<ModelTiming> timings)
    {
        var (network, plan) = (stage.Network, stage.Network.Plan);
        var cost = LayerCost.Total(network.Model.Graph);
        var profile = stage.Training.Profile;
        return new NetworkResult(
            stage.Label,
            plan.ClassName,
            stage.Training.History,
            profile is null ? null : (profile.ForwardShareOfPeak, profile.BackwardShareOfPeak),
            verdicts[0].Accuracy!.Value,
            cost.KeptWeights,
            cost.DenseWeights,
            cost.KeptMacs,
            cost.DenseMacs,
            network.Assembly.Assembly.Length,
            LayerRow.Of(plan, verdicts[0].InstructionSet),
            [.. plan.Layers.Select(layer => QuickstartFiles.SourceOf(layer, network, stage.Label))],
            verdicts,
            [.. timings.Where(timing => timing.Name == stage.Label)]
        );
    }

    private sealed record Stage(string Label, TrainingResult Training, CompiledNetwork Network);
}
