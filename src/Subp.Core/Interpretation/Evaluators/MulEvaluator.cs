using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Element-wise product, or the product with a gate per channel, and activation.</summary>
internal static class MulEvaluator
{
    public static void Evaluate(Mul product, Arguments arguments)
    {
        var (left, right, output) = (arguments.Input(), arguments.Input(1), arguments.Output);
        // One factor serves a whole plane where the second input is a gate, and one element where the shapes are equal.
        var plane = output.Length / right.Length;
        for (var index = 0; index < output.Length; index++)
            output[index] = product.Activation.Apply(left[index] * right[index / plane]);
    }
}
