using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>A fully connected layer over the last dimension: one dot product per output feature.</summary>
internal static class LinearEvaluator
{
    public static void Evaluate(Linear linear, Arguments arguments)
    {
        var output = arguments.Output;
        Sum(linear, arguments, arguments.Input(), arguments.OptionalParameter(linear.Bias));
        for (var index = 0; index < output.Length; index++)
            output[index] = linear.Activation.Apply(output[index]);
    }

    /// <summary>Sets the output to bias and products of all weights and inputs. Sums of integers are exact within 53 bits.</summary>
    public static void Sum(Linear linear, Arguments arguments, double[] input, float[]? bias)
    {
        var output = arguments.Output;
        var weight = arguments.Parameter(linear.Weight);
        var kept = arguments.Kept(linear.Weight);
        var (inputs, outputs) = (
            arguments.InputShape()[arguments.InputShape().Rank - 1],
            arguments.OutputShape[arguments.OutputShape.Rank - 1]
        );
        for (var index = 0; index < output.Length; index++)
        {
            var (image, feature) = (index / outputs, index % outputs);
            double sum = bias?[feature] ?? 0;
            for (var source = 0; source < inputs; source++)
            {
                if (kept.Contains(feature, source))
                    sum += weight[(feature * inputs) + source] * input[(image * inputs) + source];
            }

            output[index] = sum;
        }
    }
}
