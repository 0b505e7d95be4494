using Subp.Training.Sparsification.Methods;

namespace Subp.Training.Recipes;

/// <summary>The method of a recipe, with the values of the recipe that concern it.</summary>
public static class PruningMethods
{
    /// <summary>The method; null where the recipe trains dense.</summary>
    public static IPruningMethod? Of(TrainingRecipe recipe)
    {
        var layers = new LayerChoice(recipe.BlockLength, recipe.MinimumInputChannels, recipe.Include, recipe.Exclude);
        var single = layers with { BlockLength = 1 };
        return recipe.Method switch
        {
            TrainingMethod.Subp => new SubpMethod(
                layers,
                recipe.Sparsity,
                recipe.SparsitySchedule,
                recipe.SubpOptions,
                recipe.Regrowth,
                recipe.SparseRefinement
            ),
            TrainingMethod.OneByN => new OneByNMethod(layers, recipe.Sparsity, recipe.ScheduleEnd, recipe.Rearrange),
            TrainingMethod.SrSte => new SrSteMethod(single, recipe.KeptWeights, recipe.OfWeights, recipe.SparseRefinement),
            TrainingMethod.Dpf => new DynamicPruning(layers, recipe.Sparsity, recipe.SparsitySchedule),
            TrainingMethod.Filter => new FilterMethod(single, recipe.Sparsity, recipe.ScheduleEnd),
            TrainingMethod.Fixed => new FixedMasks(),
            _ => null,
        };
    }

    /// <summary>Whether an epoch is trained at the sparsity that the run ends with.</summary>
    public static bool IsAtTarget(TrainingRecipe recipe, int epoch) =>
        recipe.Method is TrainingMethod.Dense or TrainingMethod.SrSte or TrainingMethod.Fixed || epoch >= recipe.ScheduleEnd;
}
