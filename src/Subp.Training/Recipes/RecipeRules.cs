using System.Globalization;
using Subp.Core.Diagnostics;

namespace Subp.Training.Recipes;

/// <summary>The ranges of the values of a recipe.</summary>
public static class RecipeRules
{
    /// <summary>Checks a recipe.</summary>
    /// <exception cref="SubpException">SUBP0505 for the first value that is out of range.</exception>
    public static void Verify(TrainingRecipe recipe)
    {
        Require("epochs", recipe.Epochs, recipe.Epochs is >= 1 and <= 100_000, "1 to 100000");
        Require("batchSize", recipe.BatchSize, recipe.BatchSize is >= 2 and <= 65_536, "2 to 65536");
        Require("learningRate", recipe.LearningRate, recipe.LearningRate is > 0 and <= 100, "more than 0, at most 100");
        Require(
            "warmupEpochs",
            recipe.WarmupEpochs,
            recipe.WarmupEpochs >= 0 && recipe.WarmupEpochs < recipe.Epochs,
            "0 or more, below the epochs"
        );
        Require("momentum", recipe.Momentum, recipe.Momentum is >= 0 and < 1, "0 or more, below 1");
        Require("weightDecay", recipe.WeightDecay, recipe.WeightDecay is >= 0 and <= 1, "0 to 1");
        Require("labelSmoothing", recipe.LabelSmoothing, recipe.LabelSmoothing is >= 0 and < 1, "0 or more, below 1");
        Require("shift", recipe.Shift, recipe.Shift is >= 0 and <= 64, "0 to 64");
        Require("cropArea", recipe.CropArea, recipe.CropArea is > 0 and <= 1, "more than 0, at most 1");
        Require("distillation", recipe.Distillation, recipe.Distillation is >= 0 and <= 1, "0 to 1");
        Require("temperature", recipe.Temperature, recipe.Temperature is > 0 and <= 1000, "more than 0, at most 1000");
        Require("weightBits", recipe.WeightBits, recipe.WeightBits is 7 or 8, "7 or 8");
        switch (recipe.Method)
        {
            case TrainingMethod.Dense or TrainingMethod.Fixed:
                return;
            case TrainingMethod.SrSte:
                VerifyWeightGroups(recipe);
                break;
            default:
                VerifySchedule(recipe);
                break;
        }

        Require("sparseRefinement", recipe.SparseRefinement, recipe.SparseRefinement is >= 0 and <= 1, "0 to 1");
        Require("minimumInputChannels", recipe.MinimumInputChannels, recipe.MinimumInputChannels >= 1, "at least 1");
    }

    private static void VerifyWeightGroups(TrainingRecipe recipe)
    {
        Require("ofWeights", recipe.OfWeights, recipe.OfWeights is >= 2 and <= 64, "2 to 64");
        Require(
            "keptWeights",
            recipe.KeptWeights,
            recipe.KeptWeights >= 1 && recipe.KeptWeights < recipe.OfWeights,
            FormattableString.Invariant($"1 to {recipe.OfWeights - 1}, fewer than ofWeights")
        );
    }

    private static void VerifySchedule(TrainingRecipe recipe)
    {
        Require("blockLength", recipe.BlockLength, recipe.BlockLength is >= 1 and <= 1024, "1 to 1024");
        Require("sparsity", recipe.Sparsity, recipe.Sparsity is >= 0 and < 1, "0 or more, below 1");
        Require(
            "scheduleEnd",
            recipe.ScheduleEnd,
            recipe.ScheduleEnd >= 0 && recipe.ScheduleEnd < recipe.Epochs,
            FormattableString.Invariant($"0 to {recipe.Epochs - 1}, below the number of epochs")
        );
        Require(
            "scheduleStart",
            recipe.ScheduleStart,
            recipe.ScheduleStart >= 0 && recipe.ScheduleStart <= recipe.ScheduleEnd,
            FormattableString.Invariant($"0 to {recipe.ScheduleEnd}, the end of the schedule")
        );
        Require("alpha", recipe.Alpha, recipe.Alpha is >= 0 and <= 1000, "0 to 1000");
        Require("tau", recipe.Tau, recipe.Tau is > 0 and <= 1000, "more than 0, at most 1000");
    }

    private static void Require(string name, IFormattable value, bool holds, string expected)
    {
        if (!holds)
        {
            throw new SubpException(
                DiagnosticDescriptors.RecipeInvalid,
                $"recipe '{name}'",
                value.ToString(null, CultureInfo.InvariantCulture),
                expected
            );
        }
    }
}
