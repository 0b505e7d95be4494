using Subp.Core.Graphs;
using Subp.Core.Operators;

namespace Subp.Core.Interpretation.Evaluators;

/// <summary>Gathers the elements of each result in order and combines them.</summary>
internal static class ReduceEvaluator
{
    public static void Evaluate(Reduce reduce, Arguments arguments)
    {
        var (starts, steps) = Split(arguments, reduce.Axes);
        var elements = new double[steps.Length];
        for (var index = 0; index < starts.Length; index++)
        {
            for (var step = 0; step < steps.Length; step++)
                elements[step] = arguments.Input()[starts[index] + steps[step]];
            arguments.Output[index] = Combine(reduce.Kind, elements);
        }
    }

    public static void Evaluate(ArgExtreme search, Arguments arguments)
    {
        var (starts, steps) = Split(arguments, [search.Axis]);
        for (var index = 0; index < starts.Length; index++)
        {
            var best = 0;
            for (var step = 1; step < steps.Length; step++)
            {
                var (found, candidate) = (arguments.Input()[starts[index] + steps[best]], arguments.Input()[starts[index] + steps[step]]);
                if ((search.IsMinimum ? candidate < found : candidate > found) || (search.SelectsLast && candidate == found))
                    best = step;
            }

            arguments.Output[index] = best;
        }
    }

    /// <summary>Where each result begins in the input, and the steps from there to all elements that are combined.</summary>
    public static (int[] Starts, int[] Steps) Split(Arguments arguments, IReadOnlyList<int> axes)
    {
        var shape = arguments.InputShape();
        var strides = TensorStrides.RowMajor(shape);
        int[] kept = [.. Enumerable.Range(0, shape.Rank).Where(axis => !axes.Contains(axis))];
        return (
            StridedIndex.Of([.. kept.Select(axis => shape[axis])], [.. kept.Select(axis => strides[axis])]),
            StridedIndex.Of([.. axes.Select(axis => shape[axis])], [.. axes.Select(axis => strides[axis])])
        );
    }

    private static double Combine(ReduceKind kind, double[] elements) =>
        kind switch
        {
            ReduceKind.Sum => elements.Sum(),
            ReduceKind.Mean => elements.Sum() / elements.Length,
            ReduceKind.Maximum => elements.Aggregate(Math.Max),
            ReduceKind.Minimum => elements.Aggregate(Math.Min),
            ReduceKind.Product => elements.Aggregate(1.0, (product, element) => product * element),
            ReduceKind.L1 => elements.Sum(Math.Abs),
            ReduceKind.L2 => Math.Sqrt(elements.Sum(element => element * element)),
            ReduceKind.SumSquare => elements.Sum(element => element * element),
            ReduceKind.LogSum => Math.Log(elements.Sum()),
            _ => LogSumExp(elements),
        };

    private static double LogSumExp(double[] elements)
    {
        var largest = elements.Aggregate(Math.Max);
        // The difference of two infinities is no number.
        return double.IsInfinity(largest) ? largest : largest + Math.Log(elements.Sum(element => Math.Exp(element - largest)));
    }
}
