using Subp.Core.Inspection;
using Subp.Training.Recipes;
using Subp.Training.Runs;

namespace Subp.Cli.Runs;

/// <summary>What the page of a finished run is made of.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Result">What the training ended with.</param>
/// <param name="Cost">The cost of the trained network as it was packed.</param>
/// <param name="DenseCost">The cost of its dense parent.</param>
/// <param name="Measured">The compiled networks; null where they were not to be measured.</param>
internal sealed record RunFigures(
    TrainingRecipe Recipe,
    TrainingResult Result,
    LayerCost Cost,
    LayerCost DenseCost,
    RunMeasurement? Measured
);
