using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>A fully connected layer over the last dimension: one dot product per output feature.</summary>
internal static class LinearEvaluator
{
    public static void Evaluate(Linear linear, Arguments arguments)
    {
        var (input, output) = (arguments.Input(), arguments.Output);
        var weight = arguments.Parameter(linear.Weight);
        var kept = arguments.Kept(linear.Weight);
        var bias = arguments.OptionalParameter(linear.Bias);
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

            output[index] = linear.Activation.Apply(sum);
        }
    }
}
