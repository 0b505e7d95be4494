using Subp.Cli.Compression;
using Subp.Cli.Quickstart;
using Subp.Cli.Runs;
using Subp.Cli.Terminal;
using Subp.Cli.Training;
using Subp.Compiler;
using Subp.Compression.Channels;
using Subp.Compression.Quantizing;
using Subp.Core.Diagnostics;
using Subp.Core.Inspection;
using Subp.Core.Weights;
using Subp.Tooling;
using Subp.Tooling.Inputs;
using Subp.Tooling.Quantizing;
using Subp.Training.Data;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Experiments;

/// <summary>Compresses a trained network, tunes it where that is asked for, compiles the result, and measures it on test images.</summary>
internal static class CompressedRun
{
    /// <summary>Does the run of a cell of a grid.</summary>
    /// <param name="name">The row that stands for the cell.</param>
    /// <param name="cell">The cell.</param>
    /// <param name="network">The name of the network.</param>
    /// <param name="recipe">How it was trained.</param>
    /// <param name="trained">The trained network, batch normalisations not folded.</param>
    /// <param name="data">The images.</param>
    /// <param name="synthetic">Makes images that the network describes.</param>
    /// <param name="options">How it is trained afterwards, where it is.</param>
    /// <param name="rounds">Interleaved rounds of timing.</param>
    /// <param name="context">Where to report.</param>
    /// <exception cref="SubpException">The network cannot be compressed so, or the images are not in memory.</exception>
    public static RunResult Do(
        string name,
        GridCell cell,
        string network,
        TrainingRecipe recipe,
        Model trained,
        TrainingData data,
        Func<int, IReadOnlyList<float[]>> synthetic,
        TrainingOptions options,
        int rounds,
        CommandContext context
    )
    {
        var inputs = cell.Change.Synthetic > 0 ? synthetic(cell.Change.Synthetic) : Calibration(cell.Change.Calibration, trained, data);
        var compressed = cell.Change.Int8 ? null : Compressed(cell.Change, trained, inputs, name, context);
        var tuned = cell.Change.Tune == 0 ? null : Tuned(name, cell.Change.Tune, recipe, compressed!.Unfolded, data, options, context);
        var (packed, bytes) =
            compressed is null ? Integers(trained, inputs, context.Cancellation)
            : tuned is null ? (compressed.Packed, compressed.Bytes)
            : (PassPipeline.Pack(tuned.Model), compressed.Bytes);
        // The dense parent of a network that training pruned has no patterns.
        var parent = trained.Graph.WithDenseParameters();
        var (kept, dense) = (LayerCost.Total(packed.Graph), LayerCost.Total(parent));
        var images = RunData.Of(data.Training, data.Test);
        var measured = RunMeasurement.Of(packed, parent, start: null, data.Test, rounds, context);
        return new RunResult
        {
            SchemaVersion = RunResult.CurrentSchema,
            Row = name,
            Model = network,
            Recipe = recipe,
            Of = cell.Of.Name,
            Change = cell.Change,
            TrainingImages = data.Training.Count,
            TestImages = data.Test.Count,
            TrainingLabels = images.TrainingLabels,
            TestLabels = images.TestLabels,
            TestAccuracy = measured.Accuracy ?? throw InMemory(name),
            AccuracyByEpoch = [.. tuned?.History.Select(epoch => epoch.TestAccuracy) ?? []],
            KeptMacs = kept.KeptMacs,
            DenseMacs = dense.DenseMacs,
            KeptWeights = kept.KeptWeights,
            DenseWeights = dense.DenseWeights,
            WeightBytes = bytes,
            AssemblyBytes = measured.AssemblyBytes,
            DenseAssemblyBytes = measured.DenseAssemblyBytes,
            MemoryBytes = measured.MemoryBytes,
            Microseconds = Math.Round(measured.Microseconds, 2),
            DenseMicroseconds = Math.Round(measured.DenseMicroseconds, 2),
            Speedup = Math.Round(measured.Speedup, 3),
            InstructionSet = measured.InstructionSet,
            TrainingSeconds = Math.Round(tuned?.History.Sum(epoch => epoch.Seconds) ?? 0, 1),
            Engine = tuned?.Engine ?? "none",
            Machine = Machine.Describe(),
            ToolVersion = ToolVersion.Current,
        };
    }

    private static CompressedNetwork Compressed(
        NetworkChange change,
        Model trained,
        IReadOnlyList<float[]>? inputs,
        string name,
        CommandContext context
    )
    {
        var plan = change.Plan(inputs);
        if (plan.Channels is { Criterion: ChannelCriterion.Taylor } channels && inputs is not null)
            plan = plan with { Channels = channels with { TaylorScores = TaylorScores.Measure(trained, inputs, context.Cancellation) } };
        return CompressedNetwork.Create(trained, plan, name, context);
    }

    // As long as the structure stays, the weights that are left may move.
    private static TrainingResult Tuned(
        string name,
        int epochs,
        TrainingRecipe recipe,
        Model start,
        TrainingData data,
        TrainingOptions options,
        CommandContext context
    ) =>
        TrainingSession.Run(
            $"tuning {name}",
            recipe with
            {
                Method = start.Graph.Parameters.Any(parameter => parameter.Pattern is not null)
                    ? TrainingMethod.Fixed
                    : TrainingMethod.Dense,
                Epochs = epochs,
                LearningRate = recipe.LearningRate / 10,
                WarmupEpochs = 0,
            },
            start.Graph,
            data.Training,
            data.Test,
            options,
            context,
            start.Weights
        );

    private static (Model Network, long Bytes) Integers(Model trained, IReadOnlyList<float[]>? inputs, CancellationToken cancellation)
    {
        var options = new Int8Options { Calibration = inputs };
        var fused = FusedNetwork.Of(trained);
        var ranges = Int8Conversion.FindRanges(trained, fused, options, cancellation);
        var model = Int8Conversion.Convert(fused, ranges, options).Model;
        return (model, ModelBundle.Write(model).Safetensors.Length);
    }

    private static IReadOnlyList<float[]>? Calibration(int count, Model model, TrainingData data)
    {
        if (count == 0)
            return null;
        var images = data.Training as ImageDataset ?? throw InMemory("calibration");
        var inputs = InputSet.OfImages("training images", images, model.Graph.Inputs[0].Shape, data.Metadata, count);
        return [.. Enumerable.Range(0, inputs.Count).Select(index => inputs[index])];
    }

    private static SubpException InMemory(string place) =>
        new(DiagnosticDescriptors.ExperimentInvalid, place, "images that are read from files one by one", "a data set in memory");
}
