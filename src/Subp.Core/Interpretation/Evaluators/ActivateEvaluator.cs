using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Element-wise clamp.</summary>
internal static class ClipEvaluator
{
    public static void Evaluate(Clip clip, Arguments arguments)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        for (var index = 0; index < output.Length; index++)
            output[index] = clip.Activation.Apply(input[index]);
    }
}
