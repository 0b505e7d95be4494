using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Training.Data;
using Subp.Training.Distributed;
using Subp.Training.Engines;
using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>What recipe, network, images and engine must have in common, so that a training does what it says.</summary>
internal static class TrainingRequirements
{
    /// <summary>Requires that images are inputs of a network, and its outputs their classes.</summary>
    /// <exception cref="SubpException">SUBP0503: they are not.</exception>
    public static void RequireFit(Graph graph, IImageSource data)
    {
        var shape = graph.Inputs[0].Shape;
        int classes = graph.ShapeOf(graph.Outputs[0]).Channels;
        if (
            !shape.IsImage
            || shape.Channels != data.Channels
            || shape.Height != data.Height
            || shape.Width != data.Width
            || classes != data.ClassNames.Count
        )
        {
            throw new SubpException(
                DiagnosticDescriptors.DatasetMismatch,
                $"graph '{graph.Name}'",
                FormattableString.Invariant($"images of {data.Channels} x {data.Height} x {data.Width} in {data.ClassNames.Count} classes"),
                FormattableString.Invariant($"an input of shape {shape} and {classes} classes"),
                "Choose the network that belongs to the data set."
            );
        }
    }

    /// <summary>Requires that the images fill a batch.</summary>
    /// <exception cref="SubpException">SUBP0505: they do not.</exception>
    public static void RequireBatch(TrainingRecipe recipe, IImageSource training)
    {
        if (training.Count < recipe.BatchSize)
        {
            throw new SubpException(
                DiagnosticDescriptors.RecipeInvalid,
                "recipe 'batchSize'",
                FormattableString.Invariant($"{recipe.BatchSize}"),
                FormattableString.Invariant($"at most {training.Count}, the number of training images")
            );
        }
    }

    /// <summary>
    /// Requires that an epoch has a step. Else nothing would be learned and nothing pruned, and yet a network be left as if it were.
    /// </summary>
    /// <param name="epoch">The epoch, which has none so far.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="parallel">All processes, each with some of the images.</param>
    /// <param name="read">The images that this process could read.</param>
    /// <exception cref="SubpException">SUBP0505, always: too few images could be read for a batch.</exception>
    public static void RequireSteps(int epoch, TrainingRecipe recipe, DataParallel parallel, int read)
    {
        Span<double> readable = [read];
        parallel.Sum(readable);
        throw new SubpException(
            DiagnosticDescriptors.RecipeInvalid,
            FormattableString.Invariant($"recipe 'batchSize', epoch {epoch}"),
            FormattableString.Invariant($"{readable[0]} readable images for a batch of {recipe.BatchSize}"),
            "enough for one step",
            "Lower the batch size, or replace the images that cannot be read; --strict ends at the first of them."
        );
    }

    /// <summary>
    /// Requires that an engine rounds where the recipe trains for bytes: one that knows nothing of them would train in floats and say
    /// nothing of it.
    /// </summary>
    /// <exception cref="SubpException">SUBP0281: it does not.</exception>
    public static void RequireRounding(EngineRequest request, ITrainingEngine engine)
    {
        if (request.Rounding is null || engine.Ranges.Count > 0)
            return;
        string name = engine.Name;
        throw new SubpException(
            DiagnosticDescriptors.EngineDoesNotRound,
            $"engine '{name}'",
            "the recipe value quantize = int8",
            "a training in floats",
            "Train with --engine embedded or --engine torchsharp, or train in floats and use subp quantize."
        );
    }
}
