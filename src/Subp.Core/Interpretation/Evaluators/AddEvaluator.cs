using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Element-wise addition and activation.</summary>
internal static class AddEvaluator
{
    public static void Evaluate(Add add, Arguments arguments)
    {
        var (left, right, output) = (arguments.Input(), arguments.Input(1), arguments.Output);
        for (var index = 0; index < output.Length; index++)
            output[index] = add.Activation.Apply(left[index] + right[index]);
    }
}
