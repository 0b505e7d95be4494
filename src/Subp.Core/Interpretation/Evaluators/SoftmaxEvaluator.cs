namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Softmax over the features of each row.</summary>
internal static class SoftmaxEvaluator
{
    public static void Evaluate(Arguments arguments)
    {
        var features = arguments.OutputShape.Channels;
        for (var first = 0; first < arguments.Output.Length; first += features)
        {
            var input = arguments.Input().AsSpan(first, features);
            var output = arguments.Output.AsSpan(first, features);
            var largest = double.NegativeInfinity;
            foreach (var value in input)
                largest = Math.Max(largest, value);
            var sum = 0.0;
            for (var index = 0; index < features; index++)
                sum += output[index] = Math.Exp(input[index] - largest);
            for (var index = 0; index < features; index++)
                output[index] /= sum;
        }
    }
}
