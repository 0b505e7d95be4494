using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>One axis after the other, each as the weighted sums of its taps.</summary>
internal static class ResizeEvaluator
{
    public static void Evaluate(Resize resize, Arguments arguments)
    {
        var values = arguments.Input();
        int[] dimensions = [.. arguments.InputShape().Dimensions];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            var taps = ResizeTaps.Of(resize, axis, dimensions[axis]);
            if (ResizeTaps.IsIdentity(taps, dimensions[axis]))
                continue;
            var inner = dimensions.Skip(axis + 1).Aggregate(1, (product, extent) => product * extent);
            values = Along(resize, values, taps, dimensions[axis], inner);
            dimensions[axis] = taps.Length;
        }

        values.CopyTo(arguments.Output, 0);
    }

    private static double[] Along(Resize resize, double[] input, IReadOnlyList<(int Index, double Weight)>[] taps, int extent, int inner)
    {
        var output = new double[input.Length / extent * taps.Length];
        for (var row = 0; row < output.Length / inner; row++)
        {
            var (outer, tapsOfRow) = (row / taps.Length, taps[row % taps.Length]);
            var target = output.AsSpan(row * inner, inner);
            if (tapsOfRow.Count == 0)
                target.Fill(resize.Outside);
            // A single sample is copied; 1 * x is the same for every x, but 0 + x is not for a negative zero.
            else if (tapsOfRow is [(var only, 1)])
                input.AsSpan(((outer * extent) + only) * inner, inner).CopyTo(target);
            else
                Sum(input, target, tapsOfRow, outer * extent, inner);
        }

        return output;
    }

    private static void Sum(double[] input, Span<double> target, IReadOnlyList<(int Index, double Weight)> taps, int first, int inner)
    {
        foreach (var (index, weight) in taps)
        {
            var source = input.AsSpan((first + index) * inner, inner);
            for (var element = 0; element < inner; element++)
                target[element] += weight * source[element];
        }
    }
}
