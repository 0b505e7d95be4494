using Subp.Training.Recipes;

namespace Subp.Training.Runs;

/// <summary>Half a cosine from the recipe's rate to zero, with an optional linear rise before it, evaluated at every step.</summary>
public static class LearningRate
{
    /// <summary>The rate at a point of the training.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="epoch">The epoch, with the share of its steps that are done as the fraction.</param>
    public static double At(TrainingRecipe recipe, double epoch)
    {
        double cosine = 0.5 * (1 + Math.Cos(Math.PI * epoch / recipe.Epochs));
        double rise = recipe.WarmupEpochs > 0 ? Math.Min(1, epoch / recipe.WarmupEpochs) : 1;
        return recipe.LearningRate * cosine * rise;
    }
}
