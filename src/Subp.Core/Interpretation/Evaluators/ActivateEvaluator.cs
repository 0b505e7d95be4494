using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>An activation that stands alone.</summary>
internal static class ActivateEvaluator
{
    public static void Evaluate(Activate activate, Arguments arguments)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        for (var index = 0; index < output.Length; index++)
            output[index] = activate.Activation.Apply(input[index]);
    }
}
