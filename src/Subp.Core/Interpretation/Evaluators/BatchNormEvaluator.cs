using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Batch normalisation with the stored statistics.</summary>
internal static class BatchNormEvaluator
{
    public static void Evaluate(BatchNorm norm, Arguments arguments)
    {
        var (input, output, shape) = (arguments.Input(), arguments.Output, arguments.OutputShape);
        var (scale, shift) = (arguments.Parameter(norm.Scale), arguments.Parameter(norm.Shift));
        var (mean, variance) = (arguments.Parameter(norm.Mean), arguments.Parameter(norm.Variance));
        var plane = output.Length / shape.Batch / shape.Channels;
        for (var index = 0; index < output.Length; index++)
        {
            var channel = index / plane % shape.Channels;
            output[index] = norm.Activation.Apply(
                (scale[channel] * (input[index] - mean[channel]) / Math.Sqrt((double)variance[channel] + norm.Epsilon)) + shift[channel]
            );
        }
    }
}
