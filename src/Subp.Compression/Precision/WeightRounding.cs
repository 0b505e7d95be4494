using Subp.Compression.Algebra;
using Subp.Compression.Calibration;
using Subp.Compression.Propagation;
using Subp.Compression.Restoration;
using Subp.Compression.Statistics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Core.Weights;

namespace Subp.Compression.Precision;

/// <summary>
/// Rounds the weights of a finished network to few bits, layer by layer, front to back, and makes up for it in closed form. Weights stay
/// floats with few values: what reads the network needs no change.
/// </summary>
public static class WeightRounding
{
    // The factors of the loss of DF-MPC are not published; these are those that its derivation was checked with.
    private const double BiasFactor = 0.5;
    private const double RelativeRidge = 1e-3;

    /// <summary>Rounds a network.</summary>
    /// <param name="model">The network, batch normalisations not folded. It is not changed.</param>
    /// <param name="options">Bits and compensation.</param>
    /// <param name="calibration">Inputs to measure the batch normalisations on afterwards, with <see
    /// cref="PrecisionCompensation.BatchNorm"/> and <see cref="PrecisionCompensation.Moments"/>; or null.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="ArgumentOutOfRangeException">A layer has fewer than 2 bits or more than 16.</exception>
    public static Model Round(
        Model model,
        RoundingOptions options,
        IReadOnlyList<float[]>? calibration = null,
        CancellationToken cancellation = default
    )
    {
        RoundedWeight.Require(options.Bits);
        var statistics = NetworkStatistics.Propagate(model);
        var draft = new ModelDraft(model);
        IReadOnlyDictionary<string, GraphNode> readers =
            options.Compensation == PrecisionCompensation.Udfc ? SoleReaders.Find(model.Graph) : PairedPrecision.Find(model.Graph);
        // A weight that several layers share is rounded once, to the most bits that one of them asks for; each has its own normalisation.
        var layers = model.Graph.Nodes.Where(node => options.Bits.ContainsKey(node.Name)).ToArray();
        var bits = layers
            .GroupBy(node => node.Operator.Parameters[0].Name)
            .ToDictionary(users => users.Key, users => users.Max(node => options.Bits[node.Name]), StringComparer.Ordinal);
        var originals = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        var rebuilt = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in layers)
        {
            cancellation.ThrowIfCancellationRequested();
            var weight = node.Operator.Parameters[0].Name;
            var second = readers.GetValueOrDefault(node.Name);
            var exact = second is null ? null : ProducerFilters.Find(model, draft.Weights, second.Inputs[0]);
            if (!originals.TryGetValue(weight, out var before))
            {
                before = originals[weight] = draft.Weights[weight];
                draft.Set(weight, RoundedWeight.Of(before, model.Graph.Parameter(weight).Pattern, bits[weight]));
            }

            if (
                options.Compensation is PrecisionCompensation.BatchNorm or PrecisionCompensation.Moments
                && statistics.GetValueOrDefault(node.Name) is { } known
            )
            {
                var form = known.Form;
                OutputCorrection.Apply(draft, model.Graph, known, new FilterBank(before.Values, form.Outputs, form.Taps, form.Groups));
                // A layer that was rebuilt reads other channels than those that its statistics are of.
                if (
                    options.Compensation == PrecisionCompensation.Moments
                    && second is not null
                    && !rebuilt.Contains(node.Name)
                    && rebuilt.Add(second.Name)
                )
                    Regress(model, draft, second, known, statistics.GetValueOrDefault(second.Name), before, draft.Weights[weight]);
            }
            else if (exact is not null)
                Rebuild(draft, second!, exact, ProducerFilters.Find(model, draft.Weights, second!.Inputs[0])!, options.Compensation);
        }

        var result = draft.ToModel();
        // What the second layer of a pair reads by the published forms was made for the normalisations as they were.
        return calibration is null || options.Compensation is not (PrecisionCompensation.BatchNorm or PrecisionCompensation.Moments)
            ? result
            : NormRecalibration.Measure(result, calibration, cancellation);
    }

    private static void Rebuild(
        ModelDraft draft,
        GraphNode second,
        FoldedFilters exact,
        FoldedFilters rounded,
        PrecisionCompensation compensation
    )
    {
        var map = compensation switch
        {
            PrecisionCompensation.DfMpc => Matrix.Diagonal(DfMpc.Factors(exact, rounded, BiasFactor, 0)),
            // A full map would fill the blocks that a pattern has pruned.
            PrecisionCompensation.Udfc when !HasPattern(draft, second) => Udfc.LostParts(exact, rounded).WithRidge(1),
            _ => null,
        };
        if (map is not null)
            ChannelMap.Apply(draft, second, map);
    }

    // What the channels were, as a regression on what they are: both read the same input through the same normalisation and activation.
    private static void Regress(
        Model model,
        ModelDraft draft,
        GraphNode second,
        LayerStatistics first,
        LayerStatistics? next,
        WeightTensor before,
        WeightTensor after
    )
    {
        float[] then = before.Values,
            now = after.Values;
        if (HasPattern(draft, second) || first.Form.Taps != then.Length / (first.Form.Outputs * first.Input.Channels))
            return;
        var outputs = first.Form.Outputs;
        var covariance = new FilterBank([.. then, .. now], 2 * outputs, first.Form.Taps).Covariance(
            first.Input.Covariance,
            first.TapCorrelation
        );
        ChannelMoments? moments = null;
        for (var node = first.Form.Node; node != second; node = model.Graph.ConsumersOf(node.Name)[0])
        {
            moments = node.Operator switch
            {
                BatchNorm norm when moments is null => Normalised(model.Weights, norm, covariance),
                Activate activate when moments is not null => ActivationMoments.Apply(moments, activate.Activation),
                _ => moments,
            };
        }

        // Without a normalisation nothing says what the channels are.
        if (moments is null)
            return;
        int[] exact = [.. Enumerable.Range(0, outputs)],
            rounded = [.. Enumerable.Range(outputs, outputs)];
        var own = moments.Covariance.Take(rounded, rounded);
        var ridge = Math.Max(RelativeRidge * own.Trace() / outputs, 1e-12);
        var map = Cholesky.FactorWithRidge(own, ridge).Factor.Solve(moments.Covariance.Take(rounded, exact));
        double[] lost =
        [
            .. exact.Select(channel => moments.Mean[channel] - rounded.Sum(other => map[other - outputs, channel] * moments.Mean[other])),
        ];
        var weight = draft.Weights[second.Operator.Parameters[0].Name];
        var taps = weight.Values.Length / (weight.Shape[0] * outputs);
        draft.AddToBias(second.Name, [.. new FilterBank(weight.Values, weight.Shape[0], taps).Mean(lost)]);
        ChannelMap.Apply(draft, second, map);
        if (next is not null && OutputCorrection.OwnNorm(model.Graph, second) is { } secondNorm)
            Rescale(draft, secondNorm, weight, draft.Weights[second.Operator.Parameters[0].Name], moments.Covariance, next);
    }

    // A regression gives back less variance than it was asked for; a normalisation that did not know it would make the outputs fainter.
    private static void Rescale(
        ModelDraft draft,
        BatchNorm norm,
        WeightTensor then,
        WeightTensor now,
        Matrix covariance,
        LayerStatistics next
    )
    {
        var outputs = next.Form.Outputs;
        var inputs = covariance.Rows / 2;
        double[] Variance(WeightTensor weight, int from)
        {
            int[] channels = [.. Enumerable.Range(from, inputs)];
            return new FilterBank(weight.Values, outputs, next.Form.Taps).Variance(
                covariance.Take(channels, channels),
                next.TapCorrelation
            );
        }

        var variance = BatchNormEstimate.Variances(draft.Weights[norm.Variance].Values, Variance(then, 0), Variance(now, inputs));
        draft.Set(norm.Variance, [.. variance.Select(value => (float)value)]);
    }

    // Both halves have the deviations that the normalisation gives, since that of the rounded ones got new statistics.
    private static ChannelMoments Normalised(WeightSet weights, BatchNorm norm, Matrix covariance)
    {
        var scale = weights[norm.Scale].Values;
        var size = scale.Length;
        double[] deviation = [.. Enumerable.Range(0, 2 * size).Select(index => Math.Sqrt(Math.Max(covariance[index, index], 1e-12)))];
        var result = new Matrix(2 * size, 2 * size);
        for (var row = 0; row < 2 * size; row++)
        {
            for (var column = 0; column < 2 * size; column++)
            {
                var correlation = row == column ? 1 : covariance[row, column] / (deviation[row] * deviation[column]);
                result[row, column] = correlation * scale[row % size] * scale[column % size];
            }
        }

        double[] shift = [.. weights[norm.Shift].Values.Select(value => (double)value)];
        return ActivationMoments.Apply(new ChannelMoments([.. shift, .. shift], result), norm.Activation);
    }

    private static bool HasPattern(ModelDraft draft, GraphNode layer) =>
        draft.ToModel().Graph.Parameter(layer.Operator.Parameters[0].Name).Pattern is not null;
}
