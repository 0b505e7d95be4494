using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Normalisation with the statistics of the value itself, in two passes, and over neighbouring channels.</summary>
internal static class NormalizeEvaluator
{
    public static void Evaluate(Normalize norm, Arguments arguments)
    {
        var (input, output, shape) = (arguments.Input(), arguments.Output, arguments.InputShape());
        foreach (var elements in Sets(norm, shape))
        {
            var mean = norm.KeepsMean ? 0 : elements.Sum(index => input[index]) / elements.Length;
            var variance = elements.Sum(index => (input[index] - mean) * (input[index] - mean)) / elements.Length;
            var deviation = Math.Sqrt(variance + norm.Epsilon);
            foreach (var index in elements)
                output[index] = (input[index] - mean) / deviation;
        }

        Apply(arguments, norm.Scale, (value, factor) => value * factor);
        Apply(arguments, norm.Shift, (value, shift) => value + shift);
    }

    public static void Evaluate(LocalResponseNorm norm, Arguments arguments)
    {
        var (input, output, shape) = (arguments.Input(), arguments.Output, arguments.InputShape());
        var plane = output.Length / shape.Batch / shape.Channels;
        for (var index = 0; index < output.Length; index++)
        {
            var channel = index / plane % shape.Channels;
            var first = Math.Max(0, channel - ((norm.Size - 1) / 2));
            var last = Math.Min(shape.Channels - 1L, channel + (long)(norm.Size / 2));
            var sum = 0.0;
            for (var other = first; other <= last; other++)
                sum += Math.Pow(input[index + ((other - channel) * plane)], 2);
            output[index] = input[index] / Math.Pow(norm.Bias + ((double)norm.Alpha / norm.Size * sum), norm.Beta);
        }
    }

    // The indices of the elements that share their statistics.
    private static IEnumerable<int[]> Sets(Normalize norm, TensorShape shape)
    {
        var strides = TensorStrides.RowMajor(shape);
        int[] extents = [.. shape.Dimensions];
        int[] kept = [.. Enumerable.Range(0, shape.Rank).Where(axis => !norm.Axes.Contains(axis))];
        var starts = StridedIndex.Of([.. kept.Select(axis => extents[axis])], [.. kept.Select(axis => strides[axis])]);
        if (norm.Groups > 1)
            extents[1] /= norm.Groups;
        var steps = StridedIndex.Of([.. norm.Axes.Select(axis => extents[axis])], [.. norm.Axes.Select(axis => strides[axis])]);
        return starts.SelectMany(start =>
            Enumerable
                .Range(0, norm.Groups)
                .Select(group => steps.Select(step => start + step + (group == 0 ? 0 : group * extents[1] * strides[1])).ToArray())
        );
    }

    private static void Apply(Arguments arguments, string? parameter, Func<double, double, double> function)
    {
        if (parameter is null)
            return;
        var values = arguments.Parameter(parameter);
        var indices = StridedIndex.Of(
            arguments.OutputShape.Dimensions,
            TensorStrides.Broadcast(arguments.ParameterShape(parameter), arguments.OutputShape)
        );
        for (var index = 0; index < indices.Length; index++)
            arguments.Output[index] = function(arguments.Output[index], values[indices[index]]);
    }
}
