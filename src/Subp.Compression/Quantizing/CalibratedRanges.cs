using Subp.Compression.Calibration;
using Subp.Core.Graphs;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>The range and the means of every value of a network, measured on inputs that need no labels.</summary>
internal static class CalibratedRanges
{
    /// <summary>Runs the network and measures.</summary>
    public static Dictionary<string, ValueFacts> Measure(
        Model model,
        IReadOnlyList<float[]> inputs,
        RangeMethod method,
        CancellationToken cancellation
    )
    {
        var facts = new Dictionary<string, ValueFacts>(StringComparer.Ordinal);
        void Add(string name, IReadOnlyList<float[]> values) =>
            facts[name] = new ValueFacts(MeasuredRange.Of(values, method), Means(values, model.Graph.ShapeOf(name)));

        var sweep = new NodeSweep(model, inputs, cancellation);
        foreach (var input in model.Graph.Inputs)
            Add(input.Name, sweep[input.Name]);
        sweep.Run(after: node => Add(node.Name, sweep[node.Name]));
        return facts;
    }

    private static double[]? Means(IReadOnlyList<float[]> values, TensorShape shape)
    {
        if (shape.Rank < 2)
            return null;
        var pixels = shape.ElementCount / (shape[0] * shape[1]);
        var means = new double[shape[1]];
        foreach (var value in values)
        {
            for (var index = 0; index < value.Length; index++)
                means[index / pixels % means.Length] += value[index];
        }

        var count = (double)values.Count * shape[0] * pixels;
        return [.. means.Select(sum => sum / count)];
    }
}
