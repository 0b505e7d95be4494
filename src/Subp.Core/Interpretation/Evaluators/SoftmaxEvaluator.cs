using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Softmax along one axis, or its logarithm.</summary>
internal static class SoftmaxEvaluator
{
    public static void Evaluate(Softmax softmax, Arguments arguments)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        var (starts, steps) = ReduceEvaluator.Split(arguments, [softmax.Axis]);
        foreach (var start in starts)
        {
            var largest = double.NegativeInfinity;
            foreach (var step in steps)
                largest = Math.Max(largest, input[start + step]);
            var sum = 0.0;
            foreach (var step in steps)
                sum += Math.Exp(input[start + step] - largest);
            foreach (var step in steps)
            {
                var difference = input[start + step] - largest;
                output[start + step] = softmax.IsLogarithm ? difference - Math.Log(sum) : Math.Exp(difference) / sum;
            }
        }
    }
}
