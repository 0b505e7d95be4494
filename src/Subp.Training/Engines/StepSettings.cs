namespace Subp.Training.Engines;

/// <summary>The hyper-parameters of one training step.</summary>
/// <param name="LearningRate">The step size of SGD.</param>
/// <param name="Momentum">The share of the previous step that is kept.</param>
/// <param name="WeightDecay">Pulls weights, not 1-D parameters, towards zero.</param>
/// <param name="LabelSmoothing">The share of the target that is spread evenly over all classes.</param>
/// <param name="SparseRefinement">Lambda of the SR-STE term, which pulls pruned weights towards zero.</param>
/// <param name="MasksAreFinal">
/// Whether no mask will change again, so that an engine may leave out the gradients of pruned weights: nothing will read them.
/// </param>
public readonly record struct StepSettings(
    float LearningRate,
    float Momentum,
    float WeightDecay,
    float LabelSmoothing,
    float SparseRefinement,
    bool MasksAreFinal = false
);

/// <summary>What a training step saw.</summary>
/// <param name="Loss">The mean loss of the batch, before the weights changed.</param>
/// <param name="Correct">How many images were classified correctly, in training mode.</param>
public readonly record struct StepResult(double Loss, int Correct);
