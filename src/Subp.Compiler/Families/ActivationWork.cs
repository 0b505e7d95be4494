using Subp.Compiler.Emission.Kernels;
using Subp.Compiler.Planning.Costs;
using Subp.Core.Operators;

namespace Subp.Compiler.Families;

/// <summary>What activations do, for the cost model.</summary>
internal static class ActivationWork
{
    /// <summary>Adds what an activation costs beyond the two bounds that every kernel has at no cost of its own.</summary>
    /// <param name="work">The work so far.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="vectors">The vectors that it is applied to.</param>
    public static WorkList AddActivation(this WorkList work, Activation activation, double vectors) =>
        activation.IsClamp ? work
        : ActivationText.NeedsFunction(activation) ? work.Add("function", vectors)
        // A few instructions on what is in registers anyway.
        : work.Add("element.vector", vectors);
}
