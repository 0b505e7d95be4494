namespace Subp.Core.Interpretation.Evaluators;

/// <summary>The mean of each channel plane.</summary>
internal static class GlobalAveragePoolEvaluator
{
    public static void Evaluate(Arguments arguments)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        var plane = input.Length / output.Length;
        for (var index = 0; index < output.Length; index++)
        {
            var sum = 0.0;
            foreach (var value in input.AsSpan(index * plane, plane))
                sum += value;
            output[index] = sum / plane;
        }
    }
}
