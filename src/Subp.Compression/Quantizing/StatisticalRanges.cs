using Subp.Compression.Propagation;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Quantizing;

/// <summary>
/// The range and the means of every value without data (after DFQ, arXiv 1906.04721): behind a batch normalisation a channel has the mean
/// beta and the deviation |gamma|, and a range reaches some deviations from it. Activations, joints and moves follow exactly; sums,
/// products and means follow the statistics that are carried through the network, within what the ranges of their operands allow.
/// </summary>
internal sealed class StatisticalRanges
{
    // Where a function of a range is not monotonic, it is looked at in so many points.
    private const int Samples = 256;

    private readonly Dictionary<string, ValueRange?> _ranges = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, ChannelMoments?> _moments;
    private readonly Model _model;
    private readonly double _deviations;

    private StatisticalRanges(Model model, double deviations)
    {
        (_model, _deviations) = (model, deviations);
        _moments = NetworkStatistics.PropagateValues(model);
    }

    /// <summary>What is known of the values of a network whose batch normalisations are not folded; values may be missing.</summary>
    /// <param name="model">The network.</param>
    /// <param name="options">How many deviations a range reaches, and the range of the inputs, which is that of normalised pixels where
    /// they are some.</param>
    public static Dictionary<string, ValueFacts> Find(Model model, Int8Options options)
    {
        var found = new StatisticalRanges(model, options.Deviations);
        foreach (var input in model.Graph.Inputs)
            found._ranges[input.Name] = options.InputRange ?? (options.ArePixels(input.Name) ? OfPixels(model.Graph.Metadata) : null);
        foreach (var node in model.Graph.Nodes)
            found._ranges[node.Name] = found.Behind(node);
        var facts = new Dictionary<string, ValueFacts>(StringComparer.Ordinal);
        foreach (var (name, range) in found._ranges)
        {
            if (range is { } known)
                facts[name] = new ValueFacts(known, found.Means(name));
        }

        return facts;
    }

    /// <summary>Pixels from 0 to 1 as the network wants them, or null where it does not say so.</summary>
    internal static ValueRange? OfPixels(ModelMetadata metadata)
    {
        if (metadata.NormalizationMean.Count == 0 || metadata.NormalizationMean.Count != metadata.NormalizationDeviation.Count)
            return null;
        var pairs = metadata.NormalizationMean.Zip(metadata.NormalizationDeviation).ToArray();
        return new ValueRange(
            pairs.Min(pair => -pair.First / (double)pair.Second),
            pairs.Max(pair => (1 - (double)pair.First) / pair.Second)
        );
    }

    private double[]? Means(string value)
    {
        if (_moments[value] is not { } moments)
            return null;
        var pixels = moments.Plane.Height * moments.Plane.Width;
        return [.. moments.Mean.SelectMany(mean => Enumerable.Repeat(mean, pixels))];
    }

    private ValueRange? Behind(GraphNode node)
    {
        ValueRange?[] inputs = [.. node.Inputs.Select(input => _ranges[input])];
        var carried = Carried(node.Name);
        switch (node.Operator)
        {
            case BatchNorm norm:
                return Map(norm.Activation, OfNormalised(norm));
            // Its result is what the carried statistics say; the activation is in them, and bounds them.
            case Conv2d { Activation: var activation }:
                return carried?.Clamp(activation.Minimum, activation.Maximum);
            case Linear { Activation: var activation }:
                return carried?.Clamp(activation.Minimum, activation.Maximum);
        }

        if (inputs.Length == 0 || Array.Exists(inputs, input => input is null))
            return carried;
        var first = inputs[0]!.Value;
        return node.Operator switch
        {
            Activate activate => Map(activate.Activation, first),
            Add add => Within(
                Map(add.Activation, new ValueRange(first.Low + inputs[1]!.Value.Low, first.High + inputs[1]!.Value.High)),
                carried
            ),
            Mul product => Within(Map(product.Activation, Product(first, inputs[1]!.Value)), carried),
            Concat => inputs.Aggregate(first, (range, input) => range.Union(input!.Value)),
            Pool2d { Kind: PoolKind.Average } or GlobalAveragePool => Within(first, carried),
            // Around a maximum pool, whose windows hold elements of the value, infinities are no numbers that bytes must cover.
            Pad pad => float.IsInfinity(pad.Value) ? first : first.Union(new ValueRange(pad.Value, pad.Value)),
            _ when MovesOnly(node.Operator) => first,
            _ => carried,
        };
    }

    /// <summary>Whether every element of the result of an operator is one of its input.</summary>
    public static bool MovesOnly(Operator @operator) =>
        @operator
            is Pool2d { Kind: PoolKind.Maximum }
                or Slice
                or ChannelShuffle
                or Flatten
                or Reshape
                or Transpose
                or Gather
                or Tile
                or DepthToSpace
                or SpaceToDepth
                or ChangeLayout
                or Resize { Mode: ResizeMode.Nearest, Coordinates: not ResizeCoordinates.TfCropAndResize };

    private ValueRange? Carried(string value)
    {
        if (_moments[value] is not { } moments)
            return null;
        var variance = moments.Variance;
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var channel = 0; channel < variance.Length; channel++)
        {
            var reach = _deviations * Math.Sqrt(Math.Max(variance[channel], 0));
            (low, high) = (Math.Min(low, moments.Mean[channel] - reach), Math.Max(high, moments.Mean[channel] + reach));
        }

        return new ValueRange(low, high);
    }

    private ValueRange OfNormalised(BatchNorm norm)
    {
        var (scale, shift) = (_model.Weights[norm.Scale].Values, _model.Weights[norm.Shift].Values);
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var channel = 0; channel < scale.Length; channel++)
        {
            var reach = _deviations * Math.Abs(scale[channel]);
            (low, high) = (Math.Min(low, shift[channel] - reach), Math.Max(high, shift[channel] + reach));
        }

        return new ValueRange(low, high);
    }

    private static ValueRange Within(ValueRange bound, ValueRange? carried) =>
        carried is { } range && bound.Intersection(range) is var inner && inner.Low <= inner.High ? inner : bound;

    private static ValueRange Product(ValueRange left, ValueRange right)
    {
        double[] corners = [left.Low * right.Low, left.Low * right.High, left.High * right.Low, left.High * right.High];
        return new ValueRange(corners.Min(), corners.Max());
    }

    private static ValueRange Map(Activation activation, ValueRange range)
    {
        if (activation.IsClamp)
            return range.Clamp(activation.Minimum, activation.Maximum);
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var sample = 0; sample <= Samples; sample++)
        {
            var value = activation.Apply(range.Low + ((range.High - range.Low) * sample / Samples));
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        return new ValueRange(low, high);
    }
}
