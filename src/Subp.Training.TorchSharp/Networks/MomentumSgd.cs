using Subp.Training.Engines;

namespace Subp.Training.TorchSharp.Networks;

/// <summary>
/// Stochastic gradient descent with momentum, L2 weight decay and the SR-STE term, as the embedded engine has it:
/// g = g + lambda (1 - mask) w, v = m v + g + d w, w = w - r v.
/// </summary>
internal static class MomentumSgd
{
    /// <summary>Moves one parameter. Gradients must be off.</summary>
    public static void Step(TorchParameter parameter, StepSettings settings)
    {
        var gradient = parameter.Leaf.grad!;
        if (parameter.Pruned is { } pruned)
            gradient.addcmul_(parameter.Values, pruned, settings.SparseRefinement);

        var momentum = parameter.Momentum!;
        momentum.mul_(settings.Momentum).add_(gradient);
        if (parameter.Rule.Decays)
            momentum.add_(parameter.Values, settings.WeightDecay);

        parameter.Values.add_(momentum, -settings.LearningRate);
    }
}
